#include "job/state.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace concd::job {
namespace {

using enum State;

constexpr std::array k_names{
    std::pair{queued, std::string_view("queued")},       std::pair{running, std::string_view("running")},
    std::pair{waiting, std::string_view("waiting")},     std::pair{paused, std::string_view("paused")},
    std::pair{done, std::string_view("done")},           std::pair{failed, std::string_view("failed")},
    std::pair{cancelled, std::string_view("cancelled")},
};

constexpr std::array k_moves{
    std::pair{queued, running},   std::pair{queued, waiting},   std::pair{queued, paused},
    std::pair{queued, done},      std::pair{queued, failed},    std::pair{queued, cancelled},
    std::pair{running, queued},   std::pair{running, waiting},  std::pair{running, paused},
    std::pair{running, done},     std::pair{running, failed},   std::pair{running, cancelled},
    std::pair{waiting, queued},   std::pair{waiting, paused},   std::pair{waiting, failed},
    std::pair{waiting, running},  std::pair{waiting, done},     std::pair{waiting, cancelled},
    std::pair{paused, queued},    std::pair{paused, cancelled}, std::pair{failed, queued},
    std::pair{cancelled, queued},
};

}  // namespace

bool is_final(State state) {
  return state == done || state == failed || state == cancelled;
}

bool may_move(State from, State to) {
  return std::ranges::find(k_moves, std::pair{from, to}) != k_moves.end();
}

std::string_view to_string(State state) {
  return std::ranges::find(k_names, state, &std::pair<State, std::string_view>::first)->second;
}

std::optional<State> state_from_string(std::string_view text) {
  const auto found = std::ranges::find(k_names, text, &std::pair<State, std::string_view>::second);
  return found == k_names.end() ? std::nullopt : std::optional(found->first);
}

}  // namespace concd::job
