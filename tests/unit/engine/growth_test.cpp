#include "engine/growth.hpp"

#include <algorithm>

#include "support/catch.hpp"

using namespace concd;
using namespace std::chrono_literals;
using engine::Growth;

namespace {

constexpr std::uint64_t k_mib = 1 << 20;

/// A server that gives each connection so many bytes/s up to a sum, and connections that open at once.
struct Server {
  std::uint64_t each = 10 * k_mib;
  std::uint64_t sum = 1000 * k_mib;
  std::size_t ceiling = 8;
  std::uint64_t missing = 10'000 * k_mib;

  Growth growth;
  Microseconds now{1s};
  std::uint64_t fetched = 0;

  explicit Server(Microseconds latency = 1ms) { growth.begin(now, 0, latency); }

  /// The target after so much time.
  std::size_t after(Microseconds span) {
    for (const auto end = now + span; now < end; now += 10ms) {
      fetched += std::min(each * growth.target(), sum) / 100;
      growth.look({now, fetched, missing, growth.target(), ceiling});
    }
    return growth.target();
  }
};

}  // namespace

TEST_CASE("connections double as long as they bring more, up to the ceiling") {
  Server server;
  CHECK(server.growth.target() == 1);
  CHECK(server.after(70ms) == 2);
  CHECK(server.after(1s) == 8);
  CHECK(server.after(100s) == 8);
}

TEST_CASE("what brings no more is given up, and tried ever less often") {
  Server server;
  server.sum = server.each;
  std::size_t tries = 0, before = 1;
  for (int step = 0; step < 10'000; ++step) {
    const auto target = server.after(10ms);
    if (target > before) ++tries;
    before = target;
    CHECK(target <= 2);
  }
  CHECK(before == 1);
  CHECK(tries >= 6);
  CHECK(tries <= 10);
}

TEST_CASE("it stays with as many as are of use") {
  Server server;
  server.sum = 4 * server.each;
  int with_four = 0, with_more = 0;
  for (int second = 0; second < 100; ++second) {
    const auto target = server.after(1s);
    CHECK(target >= 4);
    ++(target == 4 ? with_four : with_more);
  }
  // More are tried now and then.
  CHECK(with_four > 5 * with_more);
}

TEST_CASE("a far server is given more time") {
  Server server(200ms);
  CHECK(server.after(700ms) == 1);
  CHECK(server.after(150ms) == 2);
}

TEST_CASE("nothing is judged by a few bytes, but for a server that is that slow") {
  Server server;
  server.each = 1000;
  CHECK(server.after(1900ms) == 1);
  CHECK(server.after(200ms) == 2);
}

TEST_CASE("what is soon here is not worth another connection") {
  Server server;
  server.missing = server.each / 4;
  CHECK(server.after(10s) == 1);
}

TEST_CASE("what comes as fast as it can be written needs no help") {
  Server server;
  server.each = 300 * k_mib;
  server.missing = 1'000'000 * k_mib;
  CHECK(server.after(10s) == 1);
}

TEST_CASE("a server that is fast only at first gets help soon after") {
  Server server;
  server.each = 300 * k_mib;
  CHECK(server.after(100ms) == 1);
  server.each = 10 * k_mib;
  CHECK(server.after(1s) == 8);
}

TEST_CASE("a lower ceiling holds at once, and a higher one is tried") {
  Server server;
  CHECK(server.after(1s) == 8);
  server.ceiling = 3;
  CHECK(server.after(10ms) == 3);
  server.ceiling = 8;
  CHECK(server.after(10s) == 8);
}

TEST_CASE("it waits for those that do not work yet") {
  Growth growth;
  growth.begin(1s, 0, 1ms);
  growth.look({1s + 100ms, k_mib, 1000 * k_mib, 1, 8});
  REQUIRE(growth.target() == 2);
  for (int i = 2; i < 100; ++i) growth.look({1s + i * 100ms, k_mib * i, 1000 * k_mib, 1, 8});
  CHECK(growth.target() == 2);
}
