#pragma once

#include <string_view>

#include "util/ip_address.hpp"

namespace concd::engine {

/// How near to this machine an address is, by IANA's special-purpose registries (RFC 6890).
enum class Zone {
  open,             ///< the internet
  private_network,  ///< RFC 1918, RFC 4193, RFC 6598
  loopback,         ///< this machine, by whatever name
  forbidden,        ///< link-local, and where clouds hand out credentials: nothing to download is there
};

[[nodiscard]] Zone zone_of(const IpAddress& address);

/// "an address of a private network" and the like.
[[nodiscard]] std::string_view description_of(Zone zone);

}  // namespace concd::engine
