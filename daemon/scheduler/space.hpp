#pragma once

#include <cstdint>
#include <optional>

#include "scheduler/retry.hpp"
#include "util/clock.hpp"

namespace concd::scheduler {

/// How often a transfer that waits for space looks at the disk.
inline constexpr Microseconds k_space_poll = std::chrono::seconds(5);

/// Bytes of the disk.
struct Disk {
  std::uint64_t free = 0;
  std::uint64_t kept = 0;  ///< what must stay free of them
};

/// What a transfer that found the disk full waits for.
struct SpaceNeed {
  std::uint64_t needed = 0;  ///< bytes that must be free
  Microseconds retry_at{};   ///< CLOCK_BOOTTIME when it is tried without them
  /// How often in a row, with this time, the disk seemed to have enough when an attempt had found it full.
  std::uint32_t seemed_enough = 0;

  bool operator==(const SpaceNeed&) const = default;
};

/// What is needed after an attempt has found the disk full at the time `now`, CLOCK_BOOTTIME. `missing`:
/// bytes of the file that are not here yet, where that is known. `disk`: its bytes. `seemed_enough`: the one
/// of the need before, 0 where there was none.
[[nodiscard]] SpaceNeed need_space(const RetryPolicy& policy, std::optional<std::uint64_t> missing, Disk disk,
                                   std::uint32_t seemed_enough, Microseconds now);

/// Whether it is tried again at the time `now`, with `free` bytes.
[[nodiscard]] bool has_space(const SpaceNeed& need, std::uint64_t free, Microseconds now);

}  // namespace concd::scheduler
