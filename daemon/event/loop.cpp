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

}  // namespace concd::event
