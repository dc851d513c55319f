#include "util/units.hpp"

#include "support/catch.hpp"

using namespace concd;
using namespace std::chrono_literals;

TEST_CASE("a time span is read as systemd.time(7) writes it") {
  CHECK(parse_duration("0") == 0us);
  CHECK(parse_duration("5") == 5s);
  CHECK(parse_duration("5s") == 5s);
  CHECK(parse_duration("200ms") == 200ms);
  CHECK(parse_duration("1min 30s") == 90s);
  CHECK(parse_duration("1h30min") == 90min);
  CHECK(parse_duration("2 w") == 14 * 24h);
}

TEST_CASE("what is not a time span is refused") {
  for (const auto* text :
       {"", " ", "s", "5 parsecs", "-1s", "1.5s", "99999999999999999999s", "9999999999999w"})
    CHECK_FALSE(parse_duration(text));
}

TEST_CASE("a size is read in powers of 1024") {
  CHECK(parse_size("0") == 0U);
  CHECK(parse_size("4096") == 4096U);
  CHECK(parse_size("10M") == 10U << 20);
  CHECK(parse_size("2G") == 2ULL << 30);
  for (const auto* text : {"", "M", "1X", "1 K", "-1", "99999999999T"}) CHECK_FALSE(parse_size(text));
}

TEST_CASE("sizes and spans are written for a person") {
  CHECK(format_size(512) == "512 B");
  CHECK(format_size(1536) == "1.5 KiB");
  CHECK(format_size(2ULL << 30) == "2.0 GiB");
  CHECK(format_duration(800ms) == "0.8s");
  CHECK(format_duration(185s) == "3min 5s");
  CHECK(format_duration(100h) == "4d 4h");
}

TEST_CASE("spans and sizes are written as they are read, without loss") {
  for (const auto* text : {"0s", "7us", "100ms", "59s", "3600s", "1d", "3650d"})
    CHECK(exact_duration(parse_duration(text).value()) == text);
  for (const auto* text : {"0", "1000", "1K", "1025K", "128M", "3G", "1T", "2048T"})
    CHECK(exact_size(parse_size(text).value()) == text);
}
