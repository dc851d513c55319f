#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "job/artifact.hpp"
#include "queue/journal.hpp"
#include "queue/ledger.hpp"
#include "queue/listener.hpp"
#include "queue/record.hpp"
#include "queue/view.hpp"
#include "util/thread_checker.hpp"

namespace concd::queue {

/// The table of all unfinished jobs and their transfers, and the only place where a phase changes. Main
/// thread.
class Transfers {
 public:
  /// Makes the row of a published file at the moment when it is written: another transfer of the same name
  /// may have published since.
  using ArtifactMaker = std::function<job::Artifact()>;
  using JobTable = std::map<job::Id, job::Job>;
  using RecordTable = std::unordered_map<job::Id, Record>;

  /// Removes the files of a transfer that has just ended, but not what it was fetched for.
  using Cleaner = std::function<void(const job::Transfer& transfer)>;

  /// Borrows all. `released` is called with each transfer that leaves the table, or its caller's file.
  Transfers(const Clock& clock, Ledger& ledger, const Views& views, Listener& listener, Cleaner cleaner,
            Cleaner released);

  [[nodiscard]] const JobTable& jobs() const { return m_jobs; }
  /// How many jobs are those of the user.
  [[nodiscard]] std::size_t jobs_of(uid_t uid) const;
  [[nodiscard]] const RecordTable& records() const { return m_records; }
  /// Null when it is not in the table.
  [[nodiscard]] job::Job* find_job(job::Id id);
  [[nodiscard]] Record* find(job::Id transfer);
  /// Throws std::out_of_range.
  [[nodiscard]] Record& at(job::Id transfer) { return m_records.at(transfer); }
  [[nodiscard]] Record& of(const job::Job& job) { return m_records.at(job.transfer); }
  /// The transfer that has not ended and that a job of the user may join: it fetches the same, that is the
  /// same entry, or the same URL, digest and options; into a file of another user nobody has it fetched.
  [[nodiscard]] Record* find_equal(const job::Spec& spec, uid_t uid);

  Record& add(job::Transfer transfer);
  /// Puts a job, active or paused, beside those of its transfer.
  job::Job& join(job::Job job);
  /// Takes a job out of the table.
  void leave(job::Id id);
  /// An active job pauses, a paused one is active again, or either is cancelled: then it stays in the table,
  /// wanting nothing, until leave().
  void set_standing(job::Job& job, job::Standing standing);
  /// Ends the transfer as cancelled if no job refers to it, and forgets it once that is on disk.
  void drop_if_unused(Record& record);

  /// The one function that changes a phase. Checks the move (std::logic_error), stores what must last, tells
  /// subscribers and writes the journal. An end is told, and its jobs leave the table, once it is on disk.
  /// `artifact` is written with an end.
  void move(Record& record, job::Phase to, ArtifactMaker artifact = {});
  /// The caller's file that it is fetched into is not here any more, or cannot be used again: it goes on in
  /// the state folder, with what is there.
  void lose_file(Record& record);
  /// Writes the rows of a transfer and its active jobs down, as they are when that happens.
  void save(const Record& record);
  /// Tells of a change of all active jobs that is not a change of phase.
  void tell(const Record& record, JobEventKind event);
  void tell(const job::Job& job, const Record& record, JobEventKind event);
  /// Of a job that is not in the table, or is about to leave it.
  void tell(const job::View& view, JobEventKind event);

  /// The highest priority of its active jobs.
  [[nodiscard]] job::Priority priority(const Record& record) const;
  /// Whose active jobs they are, each user once.
  [[nodiscard]] std::vector<uid_t> users(const Record& record) const;
  /// Whether an active job wants the file fetched although it is there.
  [[nodiscard]] bool is_forced(const Record& record) const;

  [[nodiscard]] std::uint64_t done() const { return m_done; }      ///< jobs since the start
  [[nodiscard]] std::uint64_t failed() const { return m_failed; }  ///< jobs since the start
  void count_done() { ++m_done; }

 private:
  void announce(const Record& record, const job::Phase& from);
  void record_end(Record& record, ArtifactMaker artifact);
  void finish(job::Id transfer);
  void finish(job::Job& job, const Record& record, job::End end);
  [[nodiscard]] std::optional<Change> rows_of(job::Id transfer) const;

  const Clock& m_clock;
  Ledger& m_ledger;
  const Views& m_views;
  Listener& m_listener;
  Cleaner m_cleaner, m_released;
  JobTable m_jobs;
  std::unordered_map<uid_t, std::size_t> m_jobs_of_user;
  RecordTable m_records;
  std::unordered_multimap<std::size_t, job::Id> m_by_key;  ///< those that may be joined, by what they fetch
  std::uint64_t m_done = 0, m_failed = 0;
  [[no_unique_address]] ThreadChecker m_thread;
};

}  // namespace concd::queue
