#include "util/rate_meter.hpp"

#include <algorithm>
#include <cmath>

namespace concd {

void RateMeter::restart(Microseconds now, std::uint64_t received) {
  m_last = now;
  m_received = received;
  m_rate = 0;
}

std::uint64_t RateMeter::update(Microseconds now, std::uint64_t received) {
  if (!m_last) restart(now, received);
  const auto seconds = std::chrono::duration<double>(now - *m_last).count();
  if (seconds <= 0) return rate();
  const auto bytes = received - std::min(m_received, received);
  const auto current = static_cast<double>(bytes) / seconds;
  // The first bytes stand for themselves: smoothing them with nothing would begin far too low.
  const auto weight = m_rate == 0 ? 1 : 1 - std::exp(-seconds);
  m_rate += weight * (current - m_rate);
  m_last = now;
  m_received = received;
  return rate();
}

std::uint64_t RateMeter::rate() const {
  return static_cast<std::uint64_t>(std::llround(m_rate));
}

}  // namespace concd
