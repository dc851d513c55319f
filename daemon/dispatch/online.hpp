#pragma once

namespace concd::dispatch {

/// True when the machine has a route to anywhere but itself, by the kernel's tables in /proc/self/net,
/// proc(5). Where they cannot be read it is taken to be online.
[[nodiscard]] bool is_online();

}  // namespace concd::dispatch
