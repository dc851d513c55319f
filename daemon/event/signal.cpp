#include "event/signal.hpp"

#include "util/errno_error.hpp"

namespace concd::event {

Signal::Signal(Loop& loop, int signal, Handler handler) : m_loop(loop), m_handler(std::move(handler)) {
  sd_event_source* source = nullptr;
  const int result = sd_event_add_signal(loop.raw(), &source, signal, trampoline, this);
  if (result < 0) throw errno_error("sd_event_add_signal", -result);
  m_source.reset(source);
  set_urgency(source, Urgency::high);
}

int Signal::trampoline(sd_event_source*, const struct signalfd_siginfo*, void* self) noexcept {
  auto* signal = static_cast<Signal*>(self);
  return signal->m_loop.guard([handler = signal->m_handler] { handler(); });
}

}  // namespace concd::event
