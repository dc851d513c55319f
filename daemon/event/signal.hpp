#pragma once

#include <functional>

#include "event/loop.hpp"

namespace concd::event {

/// Calls a handler in the loop when the process gets the signal, sd_event_add_signal(3). The signal must be
/// blocked in every thread before the first one is started. It goes before whatever else is pending.
class Signal {
 public:
  using Handler = std::function<void()>;

  Signal(Loop& loop, int signal, Handler handler);
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

 private:
  static int trampoline(sd_event_source*, const struct signalfd_siginfo*, void* self) noexcept;

  Loop& m_loop;
  Handler m_handler;
  Source m_source;
};

}  // namespace concd::event
