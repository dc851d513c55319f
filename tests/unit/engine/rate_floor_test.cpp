#include "engine/rate_floor.hpp"

#include "support/catch.hpp"

using namespace concd;
using namespace std::chrono_literals;

TEST_CASE("what is slow over a whole span is below the floor, a pause within it is not") {
  engine::RateFloor floor;
  CHECK_FALSE(floor.below(0s, 0, 100, 10s));
  CHECK_FALSE(floor.below(9s, 0, 100, 10s));
  CHECK_FALSE(floor.below(10s, 1000, 100, 10s));
  CHECK_FALSE(floor.below(19s, 1000, 100, 10s));
  CHECK(floor.below(20s, 1999, 100, 10s));
}
