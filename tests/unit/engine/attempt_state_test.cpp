#include "engine/attempt_state.hpp"

#include "support/catch.hpp"

using namespace concd;
using engine::AttemptState;
using Name = AttemptState::Name;

namespace {

job::Failure failure(const char* message) {
  return {job::FailureKind::network, job::RetryClass::retry, message};
}

/// An attempt that has come to the state by the way that leads there.
AttemptState at(Name name) {
  AttemptState state;
  if (name == Name::receiving || name == Name::complete) state.answered(false);
  if (name == Name::confirmed || name == Name::unchanged) state.answered(true);
  if (name == Name::complete || name == Name::unchanged) state.end();
  if (name == Name::stopped) state.stop();
  if (name == Name::failed) state.fail(failure("first"));
  return state;
}

constexpr Name k_all[] = {Name::asking,    Name::receiving, Name::confirmed, Name::complete,
                          Name::unchanged, Name::stopped,   Name::failed};

}  // namespace

TEST_CASE("an attempt reaches each of its states, and says which of them end it") {
  for (const auto name : k_all) {
    CHECK(at(name).is(name));
    CHECK(at(name).over() == (name >= Name::complete));
    CHECK(at(name).failure().has_value() == (name == Name::failed));
  }
}

TEST_CASE("an origin answers once") {
  auto receiving = at(Name::receiving);
  receiving.answered(true);
  CHECK(receiving.is(Name::receiving));
  auto confirmed = at(Name::confirmed);
  confirmed.answered(false);
  CHECK(confirmed.is(Name::confirmed));
}

TEST_CASE("an origin may end without an answer") {
  auto state = at(Name::asking);
  state.end();
  CHECK(state.is(Name::complete));
}

TEST_CASE("what is over stays as it ended") {
  for (const auto name : {Name::complete, Name::unchanged, Name::stopped, Name::failed}) {
    auto state = at(name);
    state.answered(false);
    state.end();
    state.stop();
    CHECK(state.is(name));
  }
}

TEST_CASE("a stop ends whatever is under way") {
  for (const auto name : {Name::asking, Name::receiving, Name::confirmed}) {
    auto state = at(name);
    state.stop();
    CHECK(state.is(Name::stopped));
  }
}

TEST_CASE("a failure takes the place of another end, and the first failure stays") {
  for (const auto name : k_all) {
    auto state = at(name);
    state.fail(failure("second"));
    CHECK(state.is(Name::failed));
    CHECK(state.failure()->message == (name == Name::failed ? "first" : "second"));
  }
}
