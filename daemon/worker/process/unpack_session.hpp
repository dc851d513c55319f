#pragma once

#include "worker/messages.hpp"

namespace concd::worker {

/// Carries the order out in this process, which has no network from then on and is confined, and writes the
/// report to the daemon's socket. SIGTERM ends the process at once: half a folder is worth nothing. Blocks;
/// changes the working directory. Throws std::system_error when the report cannot be written.
void run_unpack_session(const Unpack& order, int socket);

}  // namespace concd::worker
