#pragma once

#include <chrono>
#include <cstdint>

#include "util/clock.hpp"
#include "util/per_user.hpp"

namespace concd::queue {

/// How long ended jobs are kept, concd.toml(5) [queue] and [user].
struct RetentionPolicy {
  Microseconds keep_finished = std::chrono::hours(30 * 24);    ///< they are listed, and a URL's file is kept
  std::uint32_t keep_finished_count = 50000;                   ///< of everybody; the oldest go first
  PerUser<std::uint32_t> keep_finished_count_per_user = 3000;  ///< likewise

  bool operator==(const RetentionPolicy&) const = default;
};

}  // namespace concd::queue
