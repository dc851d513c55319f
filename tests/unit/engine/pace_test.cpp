#include "engine/pace.hpp"

#include "support/catch.hpp"

using namespace concd;
using namespace concd::engine;
using namespace std::chrono_literals;

TEST_CASE("the first byte of the file has a deadline, whatever else comes") {
  Settings settings;
  settings.first_byte_timeout = 10s;
  Pace pace;
  pace.begin(100s);
  CHECK_FALSE(pace.fault(109s, settings, std::nullopt, 0));
  CHECK(pace.fault(110s, settings, std::nullopt, 0) == "has sent nothing of the file within 10s");
  CHECK(pace.fault(110s, settings, 5000, 0));
  CHECK_FALSE(pace.fault(110s, settings, 5001, 1));
}

TEST_CASE("from the first byte on the rate counts") {
  Settings settings;
  settings.min_rate = 100;
  settings.min_rate_time = 10s;
  Pace pace;
  pace.begin(0s);
  CHECK_FALSE(pace.fault(1s, settings, 1, 1));
  CHECK_FALSE(pace.fault(11s, settings, 1001, 1001));
  CHECK(pace.fault(21s, settings, 1002, 1002) == "is too slow: less than 100 B/s for 10s");
  settings.min_rate = 0;
  CHECK_FALSE(pace.fault(99s, settings, 1002, 1002));
}
