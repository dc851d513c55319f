#include "job/state.hpp"

#include <algorithm>
#include <array>

namespace concd::job {
namespace {

constexpr std::array<std::string_view, 8> k_names{"queued",     "running", "waiting", "paused",
                                                  "publishing", "done",    "failed",  "cancelled"};

}  // namespace

bool is_final(State state) {
  return state == State::done || state == State::failed || state == State::cancelled;
}

std::string_view to_string(State state) {
  return k_names[static_cast<std::size_t>(state)];
}

std::optional<State> state_from_string(std::string_view text) {
  const auto* const found = std::ranges::find(k_names, text);
  if (found == k_names.end()) return std::nullopt;
  return static_cast<State>(found - k_names.begin());
}

}  // namespace concd::job
