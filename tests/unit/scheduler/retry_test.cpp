#include "scheduler/retry.hpp"

#include "support/catch.hpp"

using namespace concd;
using namespace concd::scheduler;
using namespace std::chrono_literals;
using job::Failure;
using job::FailureKind;
using job::RetryClass;

namespace {

const Random k_max = [] { return 1.0; };
const RetryPolicy k_timeout{};

Failure failure(RetryClass retry_class) {
  return {FailureKind::network, retry_class, "connection lost"};
}

}  // namespace

TEST_CASE("delays double from the first to the longest, with full jitter") {
  CHECK(backoff(k_timeout, 0, k_max) == 1s);
  CHECK(backoff(k_timeout, 1, k_max) == 2s);
  CHECK(backoff(k_timeout, 5, k_max) == 32s);
  CHECK(backoff(k_timeout, 9, k_max) == 512s);
  CHECK(backoff(k_timeout, 10, k_max) == 10min);
  CHECK(backoff(k_timeout, 4000000000, k_max) == 10min);
  CHECK(backoff(k_timeout, 5, [] { return 0.0; }) == 0s);
  CHECK(backoff(k_timeout, 5, [] { return 0.5; }) == 16s);
}

TEST_CASE("a final failure is final at once") {
  CHECK(decide(k_timeout, {}, failure(RetryClass::none), k_max).kind == Decision::Kind::fail);
}

TEST_CASE("tries run out") {
  History history{.contacted = true};
  history.tries = k_timeout.tries - 2;
  const auto decision = decide(k_timeout, history, failure(RetryClass::retry), k_max);
  CHECK(decision.kind == Decision::Kind::wait);
  CHECK(decision.uses_try);
  history.tries = k_timeout.tries - 1;
  const auto last = decide(k_timeout, history, failure(RetryClass::retry), k_max);
  CHECK(last.kind == Decision::Kind::fail);
  CHECK(last.reason == "given up after 10 tries without progress");
}

TEST_CASE("a missing network uses up no tries") {
  History history{.tries = 1000, .contacted = true};
  const auto decision = decide(k_timeout, history, failure(RetryClass::offline), k_max);
  CHECK(decision.kind == Decision::Kind::wait);
  CHECK_FALSE(decision.uses_try);
}

TEST_CASE("an origin that never answered is given up early, unless the machine itself is offline") {
  History history{.tried_for = 30s, .since_progress = 30s};
  CHECK(decide(k_timeout, history, failure(RetryClass::offline), k_max).kind == Decision::Kind::fail);
  CHECK(decide(k_timeout, history, failure(RetryClass::retry), k_max).kind == Decision::Kind::fail);
  history.online = false;
  CHECK(decide(k_timeout, history, failure(RetryClass::offline), k_max).kind == Decision::Kind::wait);
  history.online = true;
  history.contacted = true;
  CHECK(decide(k_timeout, history, failure(RetryClass::offline), k_max).kind == Decision::Kind::wait);
}

TEST_CASE("what failed on this machine alone says nothing of an origin's silence") {
  const History history{.tried_for = 30s};
  const auto kind = GENERATE(FailureKind::other, FailureKind::file);
  const auto decision =
      decide(k_timeout, history, {kind, RetryClass::retry, "worker process 7 was killed"}, k_max);
  CHECK(decision.kind == Decision::Kind::wait);
  CHECK(decision.uses_try);
  CHECK(is_own_trouble({kind, RetryClass::retry, ""}, true));
  CHECK_FALSE(is_own_trouble(failure(RetryClass::retry), true));
}

TEST_CASE("without progress even a patient job ends") {
  const History history{.contacted = true, .online = false, .since_progress = 14 * 24h};
  for (const auto retry_class : {RetryClass::offline, RetryClass::retry, RetryClass::disk_space})
    CHECK(decide(k_timeout, history, failure(retry_class), k_max).kind == Decision::Kind::fail);
}

TEST_CASE("the server's Retry-After is honoured, but not for ever") {
  const History history{.contacted = true};
  auto busy = failure(RetryClass::retry);
  busy.retry_after = 2min;
  CHECK(decide(k_timeout, history, busy, k_max).delay == 2min);
  busy.retry_after = 0s;
  CHECK(decide(k_timeout, history, busy, k_max).delay == 1s);
  busy.retry_after = 15 * 24h;
  CHECK(decide(k_timeout, history, busy, k_max).kind == Decision::Kind::fail);
}

TEST_CASE("a mirror that is wrong hands on to the next, the last one fails") {
  History history{.mirrors = 2};
  const auto next = decide(k_timeout, history, failure(RetryClass::mirror), k_max);
  CHECK(next.kind == Decision::Kind::next_mirror);
  CHECK(next.mirror == 1);
  history.mirror = 1;
  CHECK(decide(k_timeout, history, failure(RetryClass::mirror), k_max).kind == Decision::Kind::fail);
}

TEST_CASE("a last mirror that is wrong does not make the passing failure of another one final") {
  const History history{.tries = 1, .mirror = 1, .mirrors = 2, .contacted = true};
  const auto decision = decide(k_timeout, history, failure(RetryClass::mirror), k_max);
  CHECK(decision.kind == Decision::Kind::wait);
  CHECK(decision.mirror == 0);
  CHECK(decision.uses_try);
}

TEST_CASE("a mirror of which a part is here is left after some attempts only") {
  History history{.mirror = 1, .mirrors = 2, .holds_part = true, .contacted = true};
  for (const auto retry_class : {RetryClass::retry, RetryClass::host_backoff, RetryClass::offline}) {
    history.waits = 2;
    CHECK(decide(k_timeout, history, failure(retry_class), k_max).mirror == 1);
    history.waits = 3;
    CHECK(decide(k_timeout, history, failure(retry_class), k_max).mirror == 0);
  }
  history.online = false;
  CHECK(decide(k_timeout, history, failure(RetryClass::offline), k_max).mirror == 1);
}

TEST_CASE("a retry goes round the mirrors") {
  const History history{.mirror = 1, .mirrors = 2, .contacted = true};
  CHECK(decide(k_timeout, history, failure(RetryClass::retry), k_max).mirror == 0);
}

TEST_CASE("a full disk is looked at again without polling hot and uses up no tries") {
  const History history{.tries = 9, .contacted = true};
  const auto decision = decide(k_timeout, history, failure(RetryClass::disk_space), k_max);
  CHECK(decision.kind == Decision::Kind::wait);
  CHECK(decision.delay == k_space_delay);
  CHECK_FALSE(decision.uses_try);
}

TEST_CASE(
    "what the machine lacks is waited for, however long an origin was not asked, and uses up no tries") {
  History history{.tries = 9, .waits = 3, .mirror = 1, .mirrors = 2, .tried_for = 1h, .since_progress = 1h};
  const auto decision = decide(k_timeout, history, failure(RetryClass::local_resource), k_max);
  CHECK(decision.kind == Decision::Kind::wait);
  CHECK(decision.delay == backoff(k_timeout, 3, k_max));
  CHECK(decision.mirror == 1);
  CHECK_FALSE(decision.uses_try);
  CHECK(decide(k_timeout, history, failure(RetryClass::disk_space), k_max).delay == k_space_delay);
  history.since_progress = 14 * 24h;
  CHECK(decide(k_timeout, history, failure(RetryClass::local_resource), k_max).kind == Decision::Kind::fail);
}

TEST_CASE("the last try at an origin that never answered comes when the time is up, not long after") {
  const History history{.tries = 6, .waits = 6, .tried_for = 25s, .since_progress = 25s};
  CHECK(decide(k_timeout, history, failure(RetryClass::retry), k_max).delay == 5s);
  CHECK(decide(k_timeout, history, failure(RetryClass::offline), k_max).delay == 5s);
}
