#pragma once

#include <functional>

#include "event/loop.hpp"
#include "util/alarm.hpp"
#include "util/clock.hpp"

namespace concd::event {

/// A one-shot timer on CLOCK_BOOTTIME, sd_event_add_time(3). It never wakes the loop unless armed.
class Timer final : public Alarm {
 public:
  using Handler = std::function<void()>;

  Timer(Loop& loop, Handler handler, Urgency urgency = Urgency::normal);
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Calls the handler once at `when` (µs of CLOCK_BOOTTIME, at most `accuracy` later); a time in the past
  /// means at once. Replaces what was armed before.
  void arm(Microseconds when, Microseconds accuracy = std::chrono::milliseconds(1)) override;
  void disarm() override;

 private:
  static int trampoline(sd_event_source*, std::uint64_t, void* self) noexcept;

  Loop& m_loop;
  Handler m_handler;
  Source m_source;
};

}  // namespace concd::event
