#include "engine/rate.hpp"

#include <cmath>

namespace concd::engine {

std::uint64_t RateMeter::update(Microseconds now, std::uint64_t bytes) {
  if (m_last && now > *m_last) {
    const auto seconds = std::chrono::duration<double>(now - *m_last).count();
    const auto current = static_cast<double>(bytes - m_bytes) / seconds;
    // The first measure stands for itself: smoothing it with nothing would begin far too low.
    const auto weight = 1 - std::exp(-seconds);
    m_rate = m_rate ? *m_rate + weight * (current - *m_rate) : current;
  }
  m_last = now;
  m_bytes = bytes;
  return m_rate ? static_cast<std::uint64_t>(std::llround(*m_rate)) : 0;
}

bool RateFloor::below(Microseconds now, std::uint64_t bytes, std::uint64_t rate, Microseconds span) {
  if (m_start && now - *m_start < span) return false;
  bool slow = false;
  if (m_start) {
    const auto seconds = std::chrono::duration<double>(now - *m_start).count();
    slow = static_cast<double>(bytes - m_bytes) < static_cast<double>(rate) * seconds;
  }
  m_start = now;
  m_bytes = bytes;
  return slow;
}

}  // namespace concd::engine
