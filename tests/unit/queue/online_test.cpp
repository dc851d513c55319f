#include "queue/online.hpp"

#include <sstream>

#include "support/catch.hpp"

namespace {

constexpr auto k_heading = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n";
constexpr auto k_default = "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\n";
constexpr auto k_bridge = "docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\n";
constexpr auto k_default6 =
    "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
    "fe800000000000000000000000000001 00000064 00000001 00000000 00000003     eth0\n";
constexpr auto k_unreachable6 =
    "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
    "00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n";

bool is_online(const std::string& routes, const std::string& routes6) {
  std::istringstream ipv4(k_heading + routes), ipv6(routes6);
  return concd::queue::is_online(ipv4, ipv6);
}

}  // namespace

TEST_CASE("a machine with a default route is online") {
  CHECK(is_online(k_default, ""));
  CHECK(is_online(std::string(k_bridge) + k_default, ""));
  CHECK(is_online("", k_default6));
}

TEST_CASE("a machine whose routes lead to its own bridges only is not") {
  CHECK_FALSE(is_online("", ""));
  CHECK_FALSE(is_online(k_bridge, k_unreachable6));
}

TEST_CASE("where nothing can be told a machine is online") {
  std::istringstream ipv4, ipv6;
  ipv4.setstate(std::ios::failbit);
  ipv6.setstate(std::ios::failbit);
  CHECK(concd::queue::is_online(ipv4, ipv6));
}
