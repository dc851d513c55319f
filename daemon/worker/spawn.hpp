#pragma once

#include <filesystem>

#include <sys/types.h>

#include "util/unique_fd.hpp"
#include "worker/order_limits.hpp"
#include "worker/worker_settings.hpp"

namespace concd::worker {

/// A worker's end of the socket pair.
inline constexpr int k_worker_socket = 3;
/// What WorkerSettings::keepsake becomes.
inline constexpr int k_worker_keepsake = 4;

/// A worker that runs, and the daemon's end of its socket pair.
struct Spawned {
  pid_t pid = 0;
  UniqueFd socket;  ///< does not block
};

/// Starts WorkerSettings::program by posix_spawn(3) with the socket as descriptor 3, the keepsake as 4,
/// /dev/null as standard input and output, the caller's standard error and nothing else that is open, a small
/// environment and a session of its own, no signal blocked or ignored, and the limits. Throws
/// std::system_error.
[[nodiscard]] Spawned spawn(const WorkerSettings& settings, const OrderLimits& limits);

}  // namespace concd::worker
