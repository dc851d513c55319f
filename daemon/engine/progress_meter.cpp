#include "engine/progress_meter.hpp"

namespace concd::engine {

std::optional<job::Progress> ProgressMeter::news(Microseconds now, job::Progress progress,
                                                 std::uint64_t fetched) {
  progress.rate = m_rate.update(now, fetched);
  // The rate fades for a while after the last byte; that is news, too.
  if (m_told && m_told->received == progress.received && m_told->rate == progress.rate) return std::nullopt;
  m_told = progress;
  return progress;
}

}  // namespace concd::engine
