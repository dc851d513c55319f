#pragma once

#include <filesystem>
#include <string>

#include "util/clock.hpp"
#include "worker/limits.hpp"

namespace concd::worker {

/// What a child gets; the instance fills it from the configuration.
struct WorkerSettings {
  std::filesystem::path program;  ///< the concd-worker to run
  ProcessLimits limits;
  std::string transfer;  ///< engine::Settings as JSON, see worker/process/settings.hpp
  int keepsake = -1;     ///< a descriptor that a child holds while it lives; -1: none
  Microseconds stop_timeout = std::chrono::seconds(10);  ///< from being asked to end until SIGTERM
  Microseconds term_timeout = std::chrono::seconds(5);   ///< from SIGTERM until SIGKILL
};

}  // namespace concd::worker
