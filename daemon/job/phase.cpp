#include "job/phase.hpp"

#include <array>
#include <cstddef>

namespace concd::job {
namespace {

constexpr std::size_t k_phases = std::variant_size_v<Phase>;

// Rows: from; columns: to; both in the order of the variant. Running moves on once to being confirmed, an end
// once to being recorded.
constexpr bool k_moves[k_phases][k_phases] = {
    // queued running waiting paused publishing ended
    {false, true, false, true, false, true},   // queued
    {true, true, true, true, true, true},      // running
    {true, false, false, true, false, true},   // waiting
    {true, false, false, false, false, true},  // paused
    {true, false, true, true, false, true},    // publishing
    {false, false, false, false, false, true}  // ended
};

constexpr std::array<std::string_view, k_phases - 1> k_names{"queued", "running", "waiting", "paused",
                                                             "publishing"};
constexpr std::array<std::string_view, 3> k_ends{"done", "failed", "cancelled"};

}  // namespace

bool may_move(const Phase& from, const Phase& to) {
  if (!k_moves[from.index()][to.index()]) return false;
  if (const auto* const running = std::get_if<Running>(&from); running != nullptr && is<Running>(to))
    return !running->confirmed && std::get<Running>(to).confirmed;
  const auto* const ended = std::get_if<Ended>(&from);
  return ended == nullptr || (!ended->recorded && std::get<Ended>(to).recorded);
}

std::string_view to_string(End end) {
  return k_ends[static_cast<std::size_t>(end)];
}

std::string_view to_string(const Phase& phase) {
  if (const auto* const ended = std::get_if<Ended>(&phase)) return to_string(ended->end);
  return k_names[phase.index()];
}

std::optional<Phase> phase_from_string(std::string_view text) {
  for (const Phase& phase :
       {Phase(Queued{}), Phase(Running{}), Phase(Waiting{}), Phase(Paused{}), Phase(Publishing{}),
        Phase(Ended{End::done, true}), Phase(Ended{End::failed, true}), Phase(Ended{End::cancelled, true})})
    if (to_string(phase) == text) return phase;
  return std::nullopt;
}

}  // namespace concd::job
