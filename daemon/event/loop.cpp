#include "event/loop.hpp"

#include <cstdint>

#include "util/errno_error.hpp"

namespace concd::event {

Loop::Loop() {
  const int result = sd_event_new(&m_event);
  if (result < 0) throw errno_error("sd_event_new", -result);
}

Loop::~Loop() {
  sd_event_unref(m_event);
}

int Loop::run() {
  const int result = sd_event_loop(raw());
  if (m_error) std::rethrow_exception(std::exchange(m_error, nullptr));
  if (result < 0) throw errno_error("sd_event_loop", -result);
  return result;
}

void Loop::run_until(const std::function<bool()>& done) {
  while (!done()) {
    const int result = sd_event_run(raw(), UINT64_MAX);
    if (m_error) std::rethrow_exception(std::exchange(m_error, nullptr));
    if (result < 0) throw errno_error("sd_event_run", -result);
  }
}

void Loop::exit(int code) {
  sd_event_exit(raw(), code);
}

void set_urgency(sd_event_source* source, Urgency urgency) {
  const int result = sd_event_source_set_priority(source, static_cast<std::int64_t>(urgency));
  if (result < 0) throw errno_error("sd_event_source_set_priority", -result);
}

}  // namespace concd::event
