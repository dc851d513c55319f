#include "sd/heartbeat.hpp"

namespace concd::sd {

Heartbeat::Heartbeat(event::Loop& loop, const Clock& clock, Beat beat)
    : m_clock(clock),
      m_start(clock.boottime()),
      m_beat(std::move(beat)),
      m_timer(loop, [this] { fire(); }, event::Urgency::high) {}

void Heartbeat::set_interval(Microseconds interval) {
  m_interval = interval;
  if (interval.count() == 0)
    m_timer.disarm();
  else
    arm();
}

void Heartbeat::fire() {
  m_beat(uptime());
  arm();
}

void Heartbeat::arm() {
  const auto next = uptime() / m_interval + 1;
  m_timer.arm(m_start + next * m_interval);
}

}  // namespace concd::sd
