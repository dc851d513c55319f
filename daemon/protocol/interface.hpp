#pragma once

#include <array>
#include <string_view>

namespace concd::protocol {

/// An interface as GetInterfaceDescription gives it out.
struct Interface {
  std::string_view name;
  std::string_view description;  ///< the text of the .varlink file, https://varlink.org/Interface-Definition
};

extern const Interface k_io_concd;
extern const Interface k_varlink_service;

/// What GetInfo tells about a service.
struct ServiceInfo {
  std::string_view vendor, product, version;
  std::string_view url;  ///< of its documentation
};

/// concd's own.
inline constexpr ServiceInfo k_concd_info{"concd", "concd", CONCD_VERSION, "man:concd(8)"};

/// The interface of a method's full name, "io.concd" of "io.concd.Download"; empty when it has none.
[[nodiscard]] std::string_view interface_of(std::string_view method);

}  // namespace concd::protocol
