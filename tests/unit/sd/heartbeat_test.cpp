#include "sd/heartbeat.hpp"

#include "support/catch.hpp"

using namespace concd;
using namespace std::chrono_literals;

TEST_CASE("the k-th heartbeat is never before start + k times the interval, and none is missing") {
  event::Loop loop;
  const SystemClock clock;
  std::vector<Microseconds> beats;
  sd::Heartbeat heartbeat(loop, clock, [&](Microseconds uptime) {
    beats.push_back(uptime);
    if (beats.size() == 5) loop.exit(0);
  });
  heartbeat.set_interval(10ms);
  loop.run();
  for (std::size_t k = 0; k < beats.size(); ++k) CHECK(beats[k] >= (k + 1) * 10ms);
}

TEST_CASE("an interval of 0 is silence") {
  event::Loop loop;
  const SystemClock clock;
  bool beaten = false;
  sd::Heartbeat heartbeat(loop, clock, [&](Microseconds) { beaten = true; });
  heartbeat.set_interval(1ms);
  heartbeat.set_interval(0ms);
  event::Timer end(loop, [&] { loop.exit(0); });
  end.arm(clock.boottime() + 20ms);
  loop.run();
  CHECK_FALSE(beaten);
}
