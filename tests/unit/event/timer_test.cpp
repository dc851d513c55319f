#include "event/timer.hpp"

#include "support/catch.hpp"

using namespace concd;
using namespace concd::event;

TEST_CASE("timers fire in the order of their times, whatever the order of arming") {
  Loop loop;
  std::string order;
  const auto now = SystemClock().boottime();
  Timer late(loop, [&] { loop.exit(static_cast<int>(order.size())); });
  Timer early(loop, [&] { order += 'a'; });
  late.arm(now + std::chrono::milliseconds(20));
  early.arm(now + std::chrono::milliseconds(5));
  CHECK(loop.run() == 1);
}

TEST_CASE("a time in the past fires at once, a disarmed timer never") {
  Loop loop;
  bool disarmed_fired = false;
  Timer disarmed(loop, [&] { disarmed_fired = true; });
  disarmed.arm(Microseconds(0));
  disarmed.disarm();
  Timer past(loop, [&] { loop.exit(5); });
  past.arm(Microseconds(-1));
  CHECK(loop.run() == 5);
  CHECK_FALSE(disarmed_fired);
}

TEST_CASE("an urgent timer goes before one that has been due for longer") {
  Loop loop;
  std::string order;
  Timer plain(loop, [&] {
    order += 'a';
    loop.exit(0);
  });
  Timer urgent(loop, [&] { order += '!'; }, Urgency::high);
  plain.arm(Microseconds(1));
  urgent.arm(Microseconds(2));
  CHECK(loop.run() == 0);
  CHECK(order == "!a");
}
