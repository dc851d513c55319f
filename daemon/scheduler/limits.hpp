#pragma once

#include <cstdint>

namespace concd::scheduler {

/// How many transfers may run at once, concd.toml(5) [queue] and, for `processes`, [worker].
struct Limits {
  std::uint32_t active = 32;
  std::uint32_t active_per_host = 8;
  std::uint32_t active_per_user = 0;  ///< 0: no limit
  std::uint32_t processes = 8;

  bool operator==(const Limits&) const = default;
};

}  // namespace concd::scheduler
