#pragma once

#include <memory>
#include <set>

#include "util/alarm.hpp"
#include "util/clock.hpp"

namespace concd::test {

/// A clock that stands still until the test moves it, and alarms that ring only when the test says so.
class FakeTime final : public Clock {
 public:
  [[nodiscard]] Microseconds realtime() const override { return m_boottime + m_realtime_offset; }
  [[nodiscard]] Microseconds boottime() const override { return m_boottime; }
  [[nodiscard]] Microseconds monotonic() const override { return m_boottime - m_suspended; }

  /// Somebody sets the date.
  void set_realtime(Microseconds realtime) { m_realtime_offset = realtime - m_boottime; }
  void pass(Microseconds span) { m_boottime += span; }
  void suspend(Microseconds span);

  [[nodiscard]] AlarmMaker alarms();
  /// When the next alarm rings; Microseconds::max(): never.
  [[nodiscard]] Microseconds next_alarm() const;
  /// Rings the alarm that is due first, if one is.
  bool ring_one();

 private:
  class HandAlarm;

  Microseconds m_boottime = std::chrono::hours(1);
  Microseconds m_realtime_offset = std::chrono::seconds(1'700'000'000);
  Microseconds m_suspended{};
  std::set<HandAlarm*> m_alarms;
};

}  // namespace concd::test
