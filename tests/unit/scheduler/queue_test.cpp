#include "scheduler/queue.hpp"

#include "support/catch.hpp"

using concd::scheduler::Limits;
using concd::scheduler::Queue;

TEST_CASE("the oldest transfer goes first, whatever the order of adding") {
  Queue queue(Limits{.active = 3, .active_per_host = 3, .processes = 3});
  queue.add(3, "b", false);
  queue.add(1, "a", false);
  queue.add(2, "a", true);
  CHECK(queue.take() == 1);
  CHECK(queue.take() == 2);
  CHECK(queue.take() == 3);
  CHECK_FALSE(queue.take());
}

TEST_CASE("no more than the limit run at once, and an end makes room") {
  Queue queue(Limits{.active = 1, .active_per_host = 8, .processes = 8});
  queue.add(1, "a", false);
  queue.add(2, "b", false);
  CHECK(queue.take() == 1);
  CHECK_FALSE(queue.take());
  CHECK(queue.why_not(2) == "1 transfers are running, the most that queue.active allows");
  queue.remove(1);
  CHECK(queue.take() == 2);
}

TEST_CASE("a host that rests holds back its own transfers until it is woken") {
  Queue queue(Limits{.active = 8, .active_per_host = 8, .processes = 8});
  queue.add(1, "down", false);
  queue.add(2, "down", true);
  queue.add(3, "other", false);
  queue.add(4, "", false);
  CHECK(queue.rest("down"));
  CHECK_FALSE(queue.rest("down"));
  CHECK_FALSE(queue.rest(""));
  CHECK(queue.take() == 3);
  CHECK(queue.take() == 4);
  CHECK_FALSE(queue.take());
  CHECK(queue.why_not(1) == "down could not be reached a moment ago");
  queue.wake("down");
  CHECK(queue.take() == 1);
  CHECK(queue.take() == 2);
}

TEST_CASE("a host at its limit does not hold back another host") {
  Queue queue(Limits{.active = 8, .active_per_host = 1, .processes = 8});
  queue.add(1, "slow", false);
  queue.add(2, "slow", false);
  queue.add(3, "other", false);
  CHECK(queue.take() == 1);
  CHECK(queue.take() == 3);
  CHECK_FALSE(queue.take());
  CHECK_THAT(queue.why_not(2), ContainsSubstring("slow"));
  queue.remove(1);
  CHECK(queue.take() == 2);
}

TEST_CASE("transfers without a host have no limit per host") {
  Queue queue(Limits{.active = 8, .active_per_host = 1, .processes = 8});
  queue.add(1, "", false);
  queue.add(2, "", false);
  CHECK(queue.take() == 1);
  CHECK(queue.take() == 2);
}

TEST_CASE("processes have a limit of their own that threads do not feel") {
  Queue queue(Limits{.active = 8, .active_per_host = 8, .processes = 1});
  queue.add(1, "a", true);
  queue.add(2, "a", true);
  queue.add(3, "a", false);
  CHECK(queue.take() == 1);
  CHECK(queue.take() == 3);
  CHECK_FALSE(queue.take());
  CHECK_THAT(queue.why_not(2), ContainsSubstring("worker.limit"));
}

TEST_CASE("removing what waits or is unknown frees no place that was not taken") {
  Queue queue(Limits{.active = 1, .active_per_host = 1, .processes = 1});
  queue.add(1, "a", false);
  queue.add(2, "a", false);
  CHECK(queue.take() == 1);
  queue.remove(2);
  queue.remove(99);
  CHECK(queue.running() == 1);
  CHECK(queue.ready() == 0);
  CHECK_FALSE(queue.take());
}
