#pragma once

#include <sys/resource.h>

#include "worker/messages.hpp"

namespace concd::worker {

/// What an order can need at most, setrlimit(2).
struct OrderLimits {
  rlim_t cpu = RLIM_INFINITY;        ///< seconds of processor time, RLIMIT_CPU
  rlim_t file_size = RLIM_INFINITY;  ///< bytes, RLIMIT_FSIZE
};

[[nodiscard]] OrderLimits limits_of(const Command& order);

}  // namespace concd::worker
