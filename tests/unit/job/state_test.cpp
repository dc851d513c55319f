#include "job/state.hpp"

#include "support/catch.hpp"

using namespace concd::job;

constexpr State k_all[] = {State::queued, State::running, State::waiting,  State::paused,
                           State::done,   State::failed,  State::cancelled};

TEST_CASE("a done job never moves again") {
  for (const auto to : k_all) CHECK_FALSE(may_move(State::done, to));
}

TEST_CASE("only a retry brings back what failed or was cancelled") {
  for (const auto from : {State::failed, State::cancelled})
    for (const auto to : k_all) CHECK(may_move(from, to) == (to == State::queued));
}

TEST_CASE("nothing moves to itself, and every unfinished job can be cancelled") {
  for (const auto state : k_all) {
    CHECK_FALSE(may_move(state, state));
    CHECK(may_move(state, State::cancelled) == !is_final(state));
    CHECK(state_from_string(to_string(state)) == state);
  }
}
