#include "util/rate_meter.hpp"

#include "support/catch.hpp"

using namespace concd;
using namespace std::chrono_literals;

TEST_CASE("a steady flow is told exactly from the first measure on") {
  RateMeter meter;
  CHECK(meter.update(10s, 5000) == 0);
  for (int i = 1; i <= 8; ++i) CHECK(meter.update(10s + i * 250ms, 5000 + std::uint64_t(i) * 250) == 1000);
  CHECK(meter.rate() == 1000);
}

TEST_CASE("what was there before a restart does not count as speed") {
  RateMeter meter;
  meter.restart(10s, 5000);
  CHECK(meter.rate() == 0);
  CHECK(meter.update(11s, 6000) == 1000);
  meter.restart(12s, 100);
  CHECK(meter.rate() == 0);
  CHECK(meter.update(13s, 110) == 10);
}

TEST_CASE("a wait before the first byte does not count for long") {
  RateMeter meter;
  meter.restart(0s, 0);
  CHECK(meter.update(1s, 0) == 0);
  CHECK(meter.update(2s, 1000) == 1000);
}

TEST_CASE("a flow that stops fades within seconds") {
  RateMeter meter;
  meter.update(0s, 0);
  meter.update(1s, 1'000'000);
  CHECK(meter.update(2s, 1'000'000) < 500'000);
  for (int i = 3; i < 20; ++i) meter.update(i * 1s, 1'000'000);
  CHECK(meter.update(20s, 1'000'000) < 10);
}

TEST_CASE("a change counts by the time that it lasts") {
  RateMeter meter;
  meter.restart(0s, 0);
  meter.update(1s, 1000);
  CHECK(meter.update(2s, 1000) == 368);  // 1000/e
}

TEST_CASE("no time at all is no reason to divide by it, and loses no bytes") {
  RateMeter meter;
  meter.update(1s, 0);
  CHECK(meter.update(1s, 100) == 0);
  CHECK(meter.update(2s, 100) == 100);
}

TEST_CASE("a count that went back reads as no bytes") {
  RateMeter meter;
  meter.restart(0s, 1'000'000);
  CHECK(meter.update(1s, 0) == 0);
  CHECK(meter.update(2s, 500) == 500);
}
