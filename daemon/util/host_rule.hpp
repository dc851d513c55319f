#pragma once

#include <string_view>

namespace concd {

/// Whether a host is what a rule names: "*" every host, a name that host and all below it ("example.org" and
/// "www.example.org", also as ".example.org"), an address that address. IPv6 with or without brackets; case
/// and a dot at the end count for nothing.
[[nodiscard]] bool host_matches(std::string_view host, std::string_view rule);

}  // namespace concd
