#include "engine/host_connections.hpp"

#include <optional>

#include "support/catch.hpp"

using namespace concd;
using namespace std::chrono_literals;
using engine::HostConnections;
using Seat = HostConnections::Seat;

namespace {

const auto k_hosts = [] { return std::make_shared<HostConnections>(); };
constexpr HostConnections::Limits k_limits{8, 10};

}  // namespace

TEST_CASE("the transfers of a host share its connections evenly") {
  const auto hosts = k_hosts();
  Seat first(hosts, "a:80");
  const Seat elsewhere(hosts, "b:80");
  CHECK(first.ceiling(k_limits, 0s) == 8);
  {
    const Seat second(hosts, "a:80"), third(hosts, "a:80");
    CHECK(first.ceiling(k_limits, 0s) == 2);
    CHECK(third.ceiling(k_limits, 0s) == 2);
  }
  CHECK(first.ceiling(k_limits, 0s) == 8);
  CHECK(elsewhere.ceiling(k_limits, 0s) == 8);
}

TEST_CASE("each transfer may have one connection, however many there are") {
  const auto hosts = k_hosts();
  std::vector<std::unique_ptr<Seat>> seats;
  for (int i = 0; i < 20; ++i) seats.push_back(std::make_unique<Seat>(hosts, "a:80"));
  CHECK(seats.front()->ceiling(k_limits, 0s) == 1);
}

TEST_CASE("over all there are only so many, the first ones besides") {
  const auto hosts = k_hosts();
  Seat first(hosts, "a:80");
  auto second = std::make_optional<Seat>(hosts, "b:80");
  CHECK(first.occupy(8, k_limits));
  CHECK(second->occupy(4, k_limits));
  CHECK_FALSE(second->occupy(5, k_limits));
  CHECK(second->occupy(1, k_limits));
  CHECK(second->occupy(4, k_limits));
  CHECK(first.occupy(7, k_limits));
  CHECK(second->occupy(5, k_limits));
  CHECK_FALSE(first.occupy(8, k_limits));
  second.reset();
  CHECK(first.occupy(8, k_limits));
}

TEST_CASE("what a host refused is halved and remembered for an hour") {
  const auto hosts = k_hosts();
  auto seat = std::make_optional<Seat>(hosts, "a:80");
  seat->refused(5, k_limits, 100s);
  CHECK(seat->ceiling(k_limits, 100s) == 4);
  seat->refused(3, k_limits, 200s);
  CHECK(seat->ceiling(k_limits, 200s) == 2);
  seat.reset();
  seat.emplace(hosts, "a:80");
  CHECK(seat->ceiling(k_limits, 3799s) == 2);
  CHECK(seat->ceiling(k_limits, 3800s) == 8);
  seat->refused(0, k_limits, 4000s);
  CHECK(seat->ceiling(k_limits, 4000s) == 1);
}
