#include "scheduler/retry.hpp"

#include "support/catch.hpp"

using namespace concd;
using namespace concd::scheduler;
using namespace std::chrono_literals;
using job::Failure;
using job::FailureKind;
using job::Remedy;

namespace {

const Random k_most = [] { return 1.0; };
const Patience k_patience{};

Failure failure(Remedy remedy) {
  return {FailureKind::network, remedy, "connection lost"};
}

}  // namespace

TEST_CASE("delays double from the first to the longest, with full jitter") {
  CHECK(backoff(k_patience, 0, k_most) == 1s);
  CHECK(backoff(k_patience, 1, k_most) == 2s);
  CHECK(backoff(k_patience, 5, k_most) == 32s);
  CHECK(backoff(k_patience, 9, k_most) == 512s);
  CHECK(backoff(k_patience, 10, k_most) == 10min);
  CHECK(backoff(k_patience, 4000000000, k_most) == 10min);
  CHECK(backoff(k_patience, 5, [] { return 0.0; }) == 0s);
  CHECK(backoff(k_patience, 5, [] { return 0.5; }) == 16s);
}

TEST_CASE("a final failure is final at once") {
  CHECK(decide(k_patience, {}, failure(Remedy::none), k_most).kind == Decision::Kind::fail);
}

TEST_CASE("tries run out") {
  History history{.contacted = true};
  history.tries = k_patience.tries - 2;
  const auto decision = decide(k_patience, history, failure(Remedy::retry), k_most);
  CHECK(decision.kind == Decision::Kind::wait);
  CHECK(decision.uses_try);
  history.tries = k_patience.tries - 1;
  const auto last = decide(k_patience, history, failure(Remedy::retry), k_most);
  CHECK(last.kind == Decision::Kind::fail);
  CHECK(last.reason == "given up after 10 tries without progress");
}

TEST_CASE("a missing network uses up no tries") {
  History history{.tries = 1000, .contacted = true};
  const auto decision = decide(k_patience, history, failure(Remedy::offline), k_most);
  CHECK(decision.kind == Decision::Kind::wait);
  CHECK_FALSE(decision.uses_try);
}

TEST_CASE("an origin that never answered is given up early, unless the machine itself is offline") {
  History history{.tried_for = 30s, .since_progress = 30s};
  CHECK(decide(k_patience, history, failure(Remedy::offline), k_most).kind == Decision::Kind::fail);
  CHECK(decide(k_patience, history, failure(Remedy::retry), k_most).kind == Decision::Kind::fail);
  history.online = false;
  CHECK(decide(k_patience, history, failure(Remedy::offline), k_most).kind == Decision::Kind::wait);
  history.online = true;
  history.contacted = true;
  CHECK(decide(k_patience, history, failure(Remedy::offline), k_most).kind == Decision::Kind::wait);
}

TEST_CASE("what failed on this machine alone says nothing of an origin's silence") {
  const History history{.tried_for = 30s};
  const auto kind = GENERATE(FailureKind::other, FailureKind::file);
  const auto decision =
      decide(k_patience, history, {kind, Remedy::retry, "worker process 7 was killed"}, k_most);
  CHECK(decision.kind == Decision::Kind::wait);
  CHECK(decision.uses_try);
  CHECK(is_own_trouble({kind, Remedy::retry, ""}, true));
  CHECK_FALSE(is_own_trouble(failure(Remedy::retry), true));
}

TEST_CASE("without progress even a patient job ends") {
  const History history{.contacted = true, .online = false, .since_progress = 14 * 24h};
  for (const auto remedy : {Remedy::offline, Remedy::retry, Remedy::space})
    CHECK(decide(k_patience, history, failure(remedy), k_most).kind == Decision::Kind::fail);
}

TEST_CASE("the server's Retry-After is honoured, but not for ever") {
  const History history{.contacted = true};
  auto busy = failure(Remedy::retry);
  busy.retry_after = 2min;
  CHECK(decide(k_patience, history, busy, k_most).delay == 2min);
  busy.retry_after = 0s;
  CHECK(decide(k_patience, history, busy, k_most).delay == 1s);
  busy.retry_after = 15 * 24h;
  CHECK(decide(k_patience, history, busy, k_most).kind == Decision::Kind::fail);
}

TEST_CASE("a mirror that is wrong hands on to the next, the last one fails") {
  History history{.mirrors = 2};
  const auto next = decide(k_patience, history, failure(Remedy::mirror), k_most);
  CHECK(next.kind == Decision::Kind::next_mirror);
  CHECK(next.mirror == 1);
  history.mirror = 1;
  CHECK(decide(k_patience, history, failure(Remedy::mirror), k_most).kind == Decision::Kind::fail);
}

TEST_CASE("a last mirror that is wrong does not make the passing failure of another one final") {
  const History history{.tries = 1, .mirror = 1, .mirrors = 2, .contacted = true};
  const auto decision = decide(k_patience, history, failure(Remedy::mirror), k_most);
  CHECK(decision.kind == Decision::Kind::wait);
  CHECK(decision.mirror == 0);
  CHECK(decision.uses_try);
}

TEST_CASE("a mirror of which a part is here is left after some attempts only") {
  History history{.mirror = 1, .mirrors = 2, .holds_part = true, .contacted = true};
  for (const auto remedy : {Remedy::retry, Remedy::host, Remedy::offline}) {
    history.waits = 2;
    CHECK(decide(k_patience, history, failure(remedy), k_most).mirror == 1);
    history.waits = 3;
    CHECK(decide(k_patience, history, failure(remedy), k_most).mirror == 0);
  }
  history.online = false;
  CHECK(decide(k_patience, history, failure(Remedy::offline), k_most).mirror == 1);
}

TEST_CASE("a retry goes round the mirrors") {
  const History history{.mirror = 1, .mirrors = 2, .contacted = true};
  CHECK(decide(k_patience, history, failure(Remedy::retry), k_most).mirror == 0);
}

TEST_CASE("a full disk is looked at again without polling hot and uses up no tries") {
  const History history{.tries = 9, .contacted = true};
  const auto decision = decide(k_patience, history, failure(Remedy::space), k_most);
  CHECK(decision.kind == Decision::Kind::wait);
  CHECK(decision.delay == k_space_delay);
  CHECK_FALSE(decision.uses_try);
}

TEST_CASE(
    "what the machine lacks is waited for, however long an origin was not asked, and uses up no tries") {
  History history{.tries = 9, .waits = 3, .mirror = 1, .mirrors = 2, .tried_for = 1h, .since_progress = 1h};
  const auto decision = decide(k_patience, history, failure(Remedy::shortage), k_most);
  CHECK(decision.kind == Decision::Kind::wait);
  CHECK(decision.delay == backoff(k_patience, 3, k_most));
  CHECK(decision.mirror == 1);
  CHECK_FALSE(decision.uses_try);
  CHECK(decide(k_patience, history, failure(Remedy::space), k_most).delay == k_space_delay);
  history.since_progress = 14 * 24h;
  CHECK(decide(k_patience, history, failure(Remedy::shortage), k_most).kind == Decision::Kind::fail);
}

TEST_CASE("the last try at an origin that never answered comes when the time is up, not long after") {
  const History history{.tries = 6, .waits = 6, .tried_for = 25s, .since_progress = 25s};
  CHECK(decide(k_patience, history, failure(Remedy::retry), k_most).delay == 5s);
  CHECK(decide(k_patience, history, failure(Remedy::offline), k_most).delay == 5s);
}
