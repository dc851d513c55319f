#pragma once

#include <chrono>
#include <cstdint>

namespace concd {

using Microseconds = std::chrono::microseconds;

/// The time as policy sees it; tests put their own in its place.
class Clock {
 public:
  virtual ~Clock() = default;
  /// CLOCK_REALTIME in µs since the epoch: for what is shown or stored. It may jump.
  [[nodiscard]] virtual Microseconds realtime() const = 0;
  /// CLOCK_BOOTTIME in µs: for every delay. It never jumps and counts suspended time, clock_gettime(2).
  [[nodiscard]] virtual Microseconds boottime() const = 0;
  /// CLOCK_MONOTONIC in µs: for how long something has been tried. It never jumps and stands still while the
  /// machine is suspended.
  [[nodiscard]] virtual Microseconds monotonic() const = 0;
};

/// The machine's clocks; may be used from any thread.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Microseconds realtime() const override;
  [[nodiscard]] Microseconds boottime() const override;
  [[nodiscard]] Microseconds monotonic() const override;
};

}  // namespace concd
