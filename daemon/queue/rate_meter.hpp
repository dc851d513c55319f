#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "util/clock.hpp"

namespace concd::queue {

/// Bytes/s of a transfer, smoothed exponentially over about a second.
class RateMeter {
 public:
  /// Begins anew at `received` bytes; what was there before the attempt is no speed.
  void restart(Microseconds now, std::uint64_t received) {
    m_when = now;
    m_received = received;
    m_rate = 0;
  }
  /// Takes a reading and returns the rate, bytes/s. A count that went back (a restart from 0) reads as no
  /// bytes.
  std::uint64_t update(Microseconds now, std::uint64_t received) {
    const auto seconds = std::chrono::duration<double>(now - m_when).count();
    if (seconds <= 0) return rate();
    const auto bytes = received - std::min(m_received, received);
    const auto current = static_cast<double>(bytes) / seconds;
    const auto weight = 1 - std::exp(-seconds);
    m_rate = m_rate == 0 ? current : m_rate + weight * (current - m_rate);
    m_when = now;
    m_received = received;
    return rate();
  }
  [[nodiscard]] std::uint64_t rate() const { return static_cast<std::uint64_t>(m_rate); }

 private:
  Microseconds m_when{};
  std::uint64_t m_received = 0;
  double m_rate = 0;
};

}  // namespace concd::queue
