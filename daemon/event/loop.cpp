#include "event/loop.hpp"

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
  const int result = sd_event_loop(m_event);
  if (m_error) std::rethrow_exception(std::exchange(m_error, nullptr));
  if (result < 0) throw errno_error("sd_event_loop", -result);
  return result;
}

void Loop::exit(int code) {
  sd_event_exit(m_event, code);
}

}  // namespace concd::event
