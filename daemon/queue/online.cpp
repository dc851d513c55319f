#include "queue/online.hpp"

#include <fstream>
#include <sstream>
#include <string>

namespace concd::queue {
namespace {

/// IPv4: one line a route after a heading; the first words are the interface and the destination. A bridge of
/// containers or virtual machines has a route of its own, and leads nowhere.
bool has_ipv4_default_route(std::istream& table) {
  std::string line, interface, destination;
  std::getline(table, line);
  while (std::getline(table, line))
    if (std::istringstream(line) >> interface >> destination && interface != "lo" &&
        destination == "00000000")
      return true;
  return false;
}

/// IPv6: one line a route, no heading; a default route has the destination 0 with prefix length 0, and the
/// interface is the last word.
bool has_ipv6_default_route(std::istream& table) {
  std::string line;
  while (std::getline(table, line)) {
    const bool is_default = line.starts_with("00000000000000000000000000000000 00 ");
    if (is_default && !line.ends_with(" lo")) return true;
  }
  return false;
}

}  // namespace

bool is_online(std::istream& ipv4, std::istream& ipv6) {
  if (!ipv4 && !ipv6) return true;
  return has_ipv4_default_route(ipv4) || has_ipv6_default_route(ipv6);
}

bool is_online() {
  std::ifstream ipv4("/proc/self/net/route"), ipv6("/proc/self/net/ipv6_route");
  return is_online(ipv4, ipv6);
}

}  // namespace concd::queue
