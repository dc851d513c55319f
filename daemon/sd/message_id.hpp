#pragma once

#include <string_view>

/// The MESSAGE_ID of each kind of entry, sd-id128(3): fixed for ever, explained in systemd/concd.catalog.
namespace concd::sd::message_id {

/// The daemon is ready.
inline constexpr std::string_view started = "77dbe2d18f8c487f862cdfe83ea4b540";
/// The daemon checkpoints and ends.
inline constexpr std::string_view stopping = "6e4bcfe742194c39b07786acfd1885b8";
/// Config and catalog were read anew.
inline constexpr std::string_view reloaded = "7c82a0346a9446c1ab8af42cee10a9a0";
/// A bad file: the old state stays.
inline constexpr std::string_view reload_refused = "6a81bf2c1c9e4479ad48698d84c4b0b0";
/// Every 5 s.
inline constexpr std::string_view heartbeat = "08e05d8797124a12b8fe066ce050fca1";
/// By what worker processes are confined.
inline constexpr std::string_view workers_confined = "5af9c8184a2343dba7eaa95f313f1f10";
/// queue.db was deleted, moved or replaced: nothing is accepted.
inline constexpr std::string_view queue_lost = "9c6d7b61e9374d25a06ffef05bf71a1b";
/// It is where it was.
inline constexpr std::string_view queue_found = "a87434584de146d59dd74b52acba8c20";
/// A job is durable in the queue.
inline constexpr std::string_view job_accepted = "6126966431504fec96576a3b2390411c";
/// An attempt has begun.
inline constexpr std::string_view job_started = "aedf4428c62846c79ebb4a09b5240109";
/// A partial could not be continued; from 0 again.
inline constexpr std::string_view job_restarted = "2ceb65541aae437b85261595cda05f8f";
/// A job waits for a retry, a network or space on the disk.
inline constexpr std::string_view job_waiting = "4b6a51a0aa804e488e816980778067c9";
/// Verified, synced and published.
inline constexpr std::string_view job_done = "ba032f5a4f50488181bcc856e6e5a4da";
/// Given up.
inline constexpr std::string_view job_failed = "ddf6fc189dcb4fdb8a32b74f99fae61f";
/// Cancelled by a person.
inline constexpr std::string_view job_cancelled = "b5d56d468e9d419498b22422ce755a6a";
/// Paused by a person.
inline constexpr std::string_view job_paused = "de73d8af02604169ac38467c4491631b";
/// Goes on after a pause or a retry.
inline constexpr std::string_view job_resumed = "76c0e55d97d6491085316aafee457206";
/// What a job waited for has passed.
inline constexpr std::string_view job_wait_ended = "f5096a7870f14b818b2b077db8674cec";
/// A mirror has failed; the next one is tried.
inline constexpr std::string_view job_next_mirror = "6a65a5c11ebd4cfe8d6cf2d46f753630";
/// The caller's file that a job was fetched into is not here any more.
inline constexpr std::string_view job_file_lost = "2235753fb33d4ef89cfa8612d9781d33";
/// A mirror that parts of the file came from is not asked any more; the others go on.
inline constexpr std::string_view job_mirror_dropped = "78849660738449cdb4354a1b93942433";
/// A person has changed a priority.
inline constexpr std::string_view job_priority = "586f35f0854a40878ae749af8fe0b66d";
/// A limit, or a host that cannot be connected to, begins to hold transfers back.
inline constexpr std::string_view held_back = "4ada5f839a4e4b509f479a12fb70878c";
/// It no longer does.
inline constexpr std::string_view held_back_ended = "bb80917e460a4eb189ae7a2c2ebbdff5";

}  // namespace concd::sd::message_id
