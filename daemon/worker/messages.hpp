#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "job/executor.hpp"
#include "util/unique_fd.hpp"
#include "worker/limits.hpp"
#include "worker/unpack_limits.hpp"

/// What the daemon and a concd-worker tell each other: one JSON object a frame (protocol/frame.hpp). Files go
/// as descriptors with the frame (SCM_RIGHTS, unix(7)), never by name; the JSON has their indices.
namespace concd::worker {

/// Daemon to worker, once and first: make this attempt. Descriptors: task.kept where there is one,
/// task.fresh.
struct Begin {
  job::Task task;
  std::string settings;  ///< engine::Settings, see worker/process/settings.hpp
  SandboxPolicy sandbox = SandboxPolicy::automatic;
};

/// Daemon to worker, once and first: extract this archive, without network. Descriptors: both files.
struct Unpack {
  job::SharedFd archive;  ///< read only, from 0
  job::SharedFd folder;   ///< empty
  UnpackLimits limits;
  SandboxPolicy sandbox = SandboxPolicy::automatic;
};

/// Daemon to worker: job::Executor::stop().
struct Stop {};

using Command = std::variant<Begin, Unpack, Stop>;

/// Worker to daemon, once: the attempt or the unpacking has begun.
struct Started {};

/// Worker to daemon, at least every few seconds while its work goes on.
struct Alive {};

/// Worker to daemon, the last one of an unpacking: how it went.
struct Unpacked {
  std::optional<job::Failure> failure;
};

/// Worker to daemon. An Outcome is the last one of an attempt; its `digest` stays with the worker.
using Report = std::variant<Started, Alive, job::Progress, job::Checkpoint, job::Outcome, Unpacked>;

/// The text of a message's frame.
[[nodiscard]] std::string encode(const Command& command);
[[nodiscard]] std::string encode(const Report& report);
/// What goes with the command's frame, in the order of the indices in its text; they are the command's.
[[nodiscard]] std::vector<int> descriptors_of(const Command& command);

/// Reads a frame's text, which may be anything; the error says what is wrong with it, in half a sentence.
/// Descriptors must be exactly those that the command names, of the right type, and open in the right way.
[[nodiscard]] tl::expected<Command, std::string> decode_command(std::string_view text,
                                                                std::vector<UniqueFd> descriptors = {});
[[nodiscard]] tl::expected<Report, std::string> decode_report(std::string_view text);

}  // namespace concd::worker
