#include "job/state.hpp"

#include <array>
#include <string>
#include <string_view>

#include "job/phase.hpp"
#include "job/standing.hpp"
#include "support/catch.hpp"

namespace concd::job {
namespace {

const std::array<Phase, 8> k_phases{Queued{},
                                    Running{ExecutorKind::thread, false},
                                    Running{ExecutorKind::thread, true},
                                    Waiting{},
                                    Paused{},
                                    Publishing{},
                                    Ended{End::done, false},
                                    Ended{End::done, true}};

/// Rows and columns in the order of k_phases: "x" where the row's phase may move on to the column's.
constexpr std::array<std::string_view, 8> k_moves{
    ".xx.x.xx",  // queued
    "x.xxxxxx",  // running, not confirmed
    "x..xxxxx",  // running, confirmed
    "x...x.xx",  // waiting
    "x.....xx",  // paused
    "x..xx.xx",  // publishing
    ".......x",  // ended, not recorded
    "........",  // ended and recorded
};

}  // namespace

TEST_CASE("a phase moves on as the table allows, and never to itself") {
  for (std::size_t from = 0; from < k_phases.size(); ++from) {
    std::string moves;
    for (const auto& to : k_phases) moves += may_move(k_phases[from], to) ? 'x' : '.';
    INFO("from " << to_string(k_phases[from]));
    CHECK(moves == k_moves[from]);
  }
}

TEST_CASE("phases, standings and states are known by their words") {
  for (const auto* const word :
       {"queued", "running", "waiting", "paused", "publishing", "done", "failed", "cancelled"}) {
    CHECK(to_string(phase_from_string(word).value()) == word);
    CHECK(to_string(state_from_string(word).value()) == word);
  }
  for (const auto* const word : {"active", "paused", "done", "failed", "cancelled"})
    CHECK(to_string(standing_from_string(word).value()) == word);
  CHECK_FALSE(phase_from_string("active"));
  CHECK_FALSE(state_from_string("active"));
  CHECK_FALSE(standing_from_string("queued"));
}

TEST_CASE("a wait ends with done, failed and cancelled only") {
  for (const auto state : {State::done, State::failed, State::cancelled}) CHECK(is_final(state));
  for (const auto state : {State::queued, State::running, State::waiting, State::paused, State::publishing})
    CHECK_FALSE(is_final(state));
}

}  // namespace concd::job
