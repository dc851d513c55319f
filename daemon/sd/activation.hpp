#pragma once

#include <map>
#include <optional>
#include <string>

#include "util/clock.hpp"
#include "util/unique_fd.hpp"

namespace concd::sd {

/// What the service manager gave the process that it started. It is addressed to that process by WATCHDOG_PID
/// and LISTEN_PID, so it must be taken before a fork and carried over.
struct Activation {
  UniqueFd listener;                     ///< the socket of concd.socket; null: bind one
  std::map<std::string, UniqueFd> kept;  ///< what an earlier daemon had Notifier::keep() keep, by its name
  std::optional<Microseconds> watchdog;  ///< WatchdogSec=; nothing: no watchdog
};

/// Takes them out of the environment, sd_listen_fds_with_names(3), sd_watchdog_enabled(3). Throws
/// std::runtime_error when a descriptor was passed that is neither kept nor a single listening Unix stream
/// socket.
[[nodiscard]] Activation take_activation();

/// How many descriptors from SD_LISTEN_FDS_START on were passed; leaves the environment as it is.
[[nodiscard]] int passed_descriptors();

}  // namespace concd::sd
