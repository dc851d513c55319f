#include "engine/rate_floor.hpp"

namespace concd::engine {

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
