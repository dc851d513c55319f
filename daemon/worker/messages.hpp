#pragma once

#include <string>
#include <string_view>
#include <variant>

#include <tl/expected.hpp>

#include "job/executor.hpp"

/// What the daemon and a concd-worker tell each other: one JSON object a frame (protocol/frame.hpp).
namespace concd::worker {

/// Daemon to worker, once and first: make this attempt.
struct Begin {
  job::Task task;
  std::string settings;  ///< engine::Settings, see worker/process/settings.hpp
};

/// Daemon to worker: job::Executor::stop().
struct Stop {};

using Command = std::variant<Begin, Stop>;

/// Worker to daemon, once: the attempt has begun.
struct Started {};

/// Worker to daemon. An Outcome is the last one.
using Report = std::variant<Started, job::Progress, job::Checkpoint, job::Outcome>;

/// The text of a message's frame.
[[nodiscard]] std::string encode(const Command& command);
[[nodiscard]] std::string encode(const Report& report);

/// Reads a frame's text, which may be anything; the error says what is wrong with it, in half a sentence.
[[nodiscard]] tl::expected<Command, std::string> decode_command(std::string_view text);
[[nodiscard]] tl::expected<Report, std::string> decode_report(std::string_view text);

}  // namespace concd::worker
