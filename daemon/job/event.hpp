#pragma once

#include <optional>
#include <string_view>

#include "job/state.hpp"

namespace concd::job {

/// What has happened to a job, as Monitor tells it.
enum class JobEventKind {
  accepted,    ///< it is on disk; it may have joined a transfer that runs already
  queued,      ///< runs as soon as there is a place
  started,     ///< an executor has it
  progress,    ///< bytes have come
  waiting,     ///< something must pass first
  publishing,  ///< the bytes are here
  paused,      ///< by a person
  resumed,     ///< by a person, who ended a pause or asked for a retry
  priority,    ///< its priority was changed
  done,        ///< published
  failed,      ///< given up
  cancelled,   ///< by a person
};

/// The event of a job that has come to the state by itself: the one place where states and events meet.
[[nodiscard]] JobEventKind event_of(State state);

[[nodiscard]] std::string_view to_string(JobEventKind kind);
[[nodiscard]] std::optional<JobEventKind> job_event_kind_from_string(std::string_view text);

}  // namespace concd::job
