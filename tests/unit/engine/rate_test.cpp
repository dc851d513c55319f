#include "engine/rate.hpp"

#include "support/catch.hpp"

using namespace concd;
using namespace std::chrono_literals;

TEST_CASE("a steady flow is told exactly from the first measure on") {
  engine::RateMeter meter;
  CHECK(meter.update(10s, 5000) == 0);
  for (int i = 1; i <= 8; ++i) CHECK(meter.update(10s + i * 250ms, 5000 + std::uint64_t(i) * 250) == 1000);
}

TEST_CASE("a flow that stops fades within seconds") {
  engine::RateMeter meter;
  meter.update(0s, 0);
  meter.update(1s, 1000000);
  CHECK(meter.update(2s, 1000000) < 500000);
  for (int i = 3; i < 20; ++i) meter.update(i * 1s, 1000000);
  CHECK(meter.update(20s, 1000000) < 10);
}

TEST_CASE("no time at all is no reason to divide by it") {
  engine::RateMeter meter;
  meter.update(1s, 0);
  CHECK(meter.update(1s, 100) == 0);
}

TEST_CASE("what is slow over a whole span is below the floor, a pause within it is not") {
  engine::RateFloor floor;
  CHECK_FALSE(floor.below(0s, 0, 100, 10s));
  CHECK_FALSE(floor.below(9s, 0, 100, 10s));
  CHECK_FALSE(floor.below(10s, 1000, 100, 10s));
  CHECK_FALSE(floor.below(19s, 1000, 100, 10s));
  CHECK(floor.below(20s, 1999, 100, 10s));
}
