#pragma once

#include <chrono>
#include <cstdint>

#include "util/clock.hpp"

namespace concd::queue {

/// How long ended jobs are kept, concd.toml(5) [queue].
struct RetentionPolicy {
  Microseconds keep_finished = std::chrono::hours(30 * 24);  ///< they are listed, and a URL's file is kept
  std::uint32_t keep_finished_count = 10000;                 ///< at most; the oldest go first

  bool operator==(const RetentionPolicy&) const = default;
};

}  // namespace concd::queue
