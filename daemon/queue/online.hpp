#pragma once

#include <iosfwd>

namespace concd::queue {

/// True when the machine has a default route, by the kernel's tables in /proc/self/net, proc(5). Where they
/// cannot be read it is taken to be online.
[[nodiscard]] bool is_online();
/// The same, by such tables.
[[nodiscard]] bool is_online(std::istream& ipv4, std::istream& ipv6);

}  // namespace concd::queue
