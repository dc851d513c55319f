#pragma once

#include <cstdint>
#include <optional>

#include "job/progress.hpp"
#include "util/clock.hpp"
#include "util/rate_meter.hpp"

namespace concd::engine {

/// Tells how far an attempt is, when there is news. Times are µs of CLOCK_BOOTTIME.
class ProgressMeter {
 public:
  /// The attempt begins now.
  void begin(Microseconds now) { m_rate.restart(now, 0); }
  /// `fetched` bytes came in this attempt, to which `progress.received` and `progress.total` belong. Returns
  /// it with the rate; nothing when that is what it returned before.
  [[nodiscard]] std::optional<job::Progress> news(Microseconds now, job::Progress progress,
                                                  std::uint64_t fetched);

 private:
  RateMeter m_rate;
  std::optional<job::Progress> m_told;
};

}  // namespace concd::engine
