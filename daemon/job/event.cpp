#include "job/event.hpp"

#include <algorithm>
#include <array>

namespace concd::job {
namespace {

constexpr std::array<std::string_view, 12> k_names{"accepted", "queued",     "started", "progress",
                                                   "waiting",  "publishing", "paused",  "resumed",
                                                   "priority", "done",       "failed",  "cancelled"};

}  // namespace

JobEventKind event_of(State state) {
  if (state == State::running) return JobEventKind::started;
  // Every other state has the word of its event.
  return job_event_kind_from_string(to_string(state)).value();
}

std::string_view to_string(JobEventKind kind) {
  return k_names[static_cast<std::size_t>(kind)];
}

std::optional<JobEventKind> job_event_kind_from_string(std::string_view text) {
  const auto* const found = std::ranges::find(k_names, text);
  if (found == k_names.end()) return std::nullopt;
  return static_cast<JobEventKind>(found - k_names.begin());
}

}  // namespace concd::job
