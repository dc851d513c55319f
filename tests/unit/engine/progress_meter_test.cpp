#include "engine/progress_meter.hpp"

#include "support/catch.hpp"

using namespace concd;
using namespace std::chrono_literals;

TEST_CASE("progress is told when there is news: bytes, or a rate that fades") {
  engine::ProgressMeter meter;
  meter.begin(10s);
  const auto first = meter.news(11s, {5100, 10'000, 0}, 100);
  REQUIRE(first);
  CHECK(first->received == 5100);
  CHECK(first->total == 10'000);
  CHECK(first->rate == 100);
  CHECK_FALSE(meter.news(11s, {5100, 10'000, 0}, 100));
  const auto fading = meter.news(12s, {5100, 10'000, 0}, 100);
  REQUIRE(fading);
  CHECK(fading->rate < 100);
  int told = 0;
  for (int i = 13; i < 100; ++i) told += meter.news(i * 1s, {5100, 10'000, 0}, 100).has_value() ? 1 : 0;
  CHECK(told < 20);
  CHECK_FALSE(meter.news(100s, {5100, 10'000, 0}, 100));
}

TEST_CASE("the first reading is told even when nothing has come") {
  engine::ProgressMeter meter;
  meter.begin(0s);
  CHECK(meter.news(1s, {}, 0));
  CHECK_FALSE(meter.news(2s, {}, 0));
}
