#include "event/timer.hpp"

#include <algorithm>
#include <ctime>

#include "util/errno_error.hpp"

namespace concd::event {

Timer::Timer(Loop& loop, Handler handler, Urgency urgency) : m_loop(loop), m_handler(std::move(handler)) {
  sd_event_source* source = nullptr;
  const int result = sd_event_add_time(loop.raw(), &source, CLOCK_BOOTTIME, 0, 1, trampoline, this);
  if (result < 0) throw errno_error("sd_event_add_time", -result);
  m_source.reset(source);
  set_urgency(source, urgency);
  disarm();
}

void Timer::arm(Microseconds when, Microseconds accuracy) {
  m_loop.check_thread();
  auto* source = m_source.get();
  int result =
      sd_event_source_set_time(source, static_cast<std::uint64_t>(std::max<std::int64_t>(when.count(), 0)));
  if (result >= 0)
    result = sd_event_source_set_time_accuracy(source, static_cast<std::uint64_t>(accuracy.count()));
  if (result >= 0) result = sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
  if (result < 0) throw errno_error("arm a timer", -result);
}

void Timer::disarm() {
  sd_event_source_set_enabled(m_source.get(), SD_EVENT_OFF);
}

int Timer::trampoline(sd_event_source*, std::uint64_t, void* self) noexcept {
  auto* timer = static_cast<Timer*>(self);
  return timer->m_loop.guard([handler = timer->m_handler] { handler(); });
}

}  // namespace concd::event
