#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "util/clock.hpp"

namespace concd {

/// What may be taken at once, and what comes back each second.
struct TokenRate {
  std::uint32_t burst = 0;
  std::uint32_t per_second = 0;
};

/// How much has been taken of a rate, which may be another one each time. The caller has the clock, as `now`:
/// CLOCK_MONOTONIC.
class TokenBucket {
 public:
  /// False when nothing is left to take.
  bool take(const TokenRate& rate, Microseconds now) {
    m_used = used(rate, now);
    m_counted = now;
    if (m_used + 1 > rate.burst) return false;
    m_used += 1;
    return true;
  }
  /// Nothing is missing: it is like a new one.
  [[nodiscard]] bool is_full(const TokenRate& rate, Microseconds now) const { return used(rate, now) == 0; }

 private:
  [[nodiscard]] double used(const TokenRate& rate, Microseconds now) const {
    const auto seconds = std::chrono::duration<double>(now - m_counted).count();
    return std::max(0.0, m_used - seconds * rate.per_second);
  }

  double m_used = 0;
  Microseconds m_counted{};
};

}  // namespace concd
