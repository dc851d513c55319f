#pragma once

#include <cstdint>

#include "util/per_user.hpp"

namespace concd::scheduler {

/// How many transfers may run at once, concd.toml(5) [queue], [user] and, for `processes`, [worker].
struct Limits {
  std::uint32_t active = 32;
  std::uint32_t active_per_host = 8;
  PerUser<std::uint32_t> active_per_user = 0;  ///< 0: no limit
  std::uint32_t processes = 8;

  bool operator==(const Limits&) const = default;
};

}  // namespace concd::scheduler
