#pragma once

#include <string>

namespace concd::config {

// What texts must be like; each is a Rule.

/// A user or group.
[[nodiscard]] std::string account_problem(const std::string& text);
/// A scheme that transfer.schemes may list.
[[nodiscard]] std::string scheme_problem(const std::string& text);
/// A proxy's URL, or empty.
[[nodiscard]] std::string proxy_problem(const std::string& text);
/// What [origins] lists: a network, an address, a host or a domain.
[[nodiscard]] std::string origin_problem(const std::string& text);
/// A host, domain or address.
[[nodiscard]] std::string host_problem(const std::string& text);

}  // namespace concd::config
