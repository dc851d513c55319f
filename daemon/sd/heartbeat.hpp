#pragma once

#include <functional>

#include "event/timer.hpp"
#include "util/clock.hpp"

namespace concd::sd {

/// The daemon's voice: calls a function at start + k·interval, without drift, for ever. What was missed (a
/// suspended machine) is skipped, not made up for. Main thread.
class Heartbeat {
 public:
  /// `beat` is told the time since the start, µs.
  using Beat = std::function<void(Microseconds uptime)>;

  Heartbeat(event::Loop& loop, const Clock& clock, Beat beat);

  /// From now on beats every `interval`, still counted from the start; 0 stops it.
  void set_interval(Microseconds interval);
  [[nodiscard]] Microseconds uptime() const { return m_clock.boottime() - m_start; }

 private:
  void fire();
  void arm();

  const Clock& m_clock;
  Microseconds m_start;
  Microseconds m_interval{};
  Beat m_beat;
  event::Timer m_timer;
};

}  // namespace concd::sd
