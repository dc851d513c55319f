#include "engine/zone.hpp"

#include <algorithm>
#include <vector>

namespace concd::engine {
namespace {

struct ZoneRange {
  Zone zone;
  IpNetwork network;
};

ZoneRange range(Zone zone, std::string_view network) {
  return {zone, IpNetwork::parse(network).value()};
}

// The first that contains an address counts.
const std::vector<ZoneRange>& ranges() {
  static const std::vector<ZoneRange> k_ranges{
      range(Zone::forbidden, "169.254.0.0/16"), range(Zone::forbidden, "fe80::/10"),
      // Metadata services: AWS, Google, Alibaba, Oracle, Azure.
      range(Zone::forbidden, "fd00:ec2::/32"), range(Zone::forbidden, "fd20:ce::254"),
      range(Zone::forbidden, "100.100.100.200"), range(Zone::forbidden, "192.0.0.192"),
      range(Zone::forbidden, "168.63.129.16"),
      // Linux connects to itself by an address of zeros, too.
      range(Zone::loopback, "127.0.0.0/8"), range(Zone::loopback, "0.0.0.0/8"), range(Zone::loopback, "::1"),
      range(Zone::loopback, "::"), range(Zone::private_network, "10.0.0.0/8"),
      range(Zone::private_network, "172.16.0.0/12"), range(Zone::private_network, "192.168.0.0/16"),
      range(Zone::private_network, "100.64.0.0/10"), range(Zone::private_network, "192.0.0.0/24"),
      range(Zone::private_network, "198.18.0.0/15"), range(Zone::private_network, "fc00::/7"),
      range(Zone::private_network, "fec0::/10"), range(Zone::private_network, "240.0.0.0/4"),
      // Networks translate or tunnel these to IPv4: NAT64 (RFC 8215), 6to4 (RFC 3056) and Teredo (RFC 4380).
      range(Zone::forbidden, "2002:a9fe::/32"), range(Zone::loopback, "2002:7f00::/24"),
      range(Zone::private_network, "64:ff9b:1::/48"), range(Zone::private_network, "2002::/16"),
      range(Zone::private_network, "2001::/32")};
  return k_ranges;
}

}  // namespace

Zone zone_of(const IpAddress& address) {
  const auto found =
      std::ranges::find_if(ranges(), [&](const ZoneRange& range) { return range.network.contains(address); });
  return found == ranges().end() ? Zone::open : found->zone;
}

std::string_view description_of(Zone zone) {
  switch (zone) {
    case Zone::open:
      return "a public address";
    case Zone::private_network:
      return "an address of a private network";
    case Zone::loopback:
      return "an address of this machine";
    case Zone::forbidden:
      return "a link-local or cloud metadata address";
  }
  return "";
}

}  // namespace concd::engine
