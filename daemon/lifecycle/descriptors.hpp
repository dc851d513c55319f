#pragma once

namespace concd::lifecycle {

/// Closes what the starter left open, except the standard descriptors and the `passed` ones after them, and
/// resets all signal handlers and the signal mask: steps 1 to 3 of daemon(7). Sets the umask to 077: what
/// others may read is opened to them by name.
void start_clean(int passed);

}  // namespace concd::lifecycle
