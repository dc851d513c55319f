#include "client/follow/interrupts.hpp"

#include <algorithm>

namespace concd::client {

Interrupts::Interrupts(std::optional<Microseconds> timeout, const Clock& clock) : m_clock(clock) {
  if (timeout) m_deadline = m_clock.boottime() + *timeout;
}

int Interrupts::until_deadline() const {
  if (!m_deadline) return -1;
  const auto left = std::max(Microseconds::zero(), *m_deadline - m_clock.boottime());
  // A day is as long as any other wait here, and fits.
  const auto bound =
      std::chrono::ceil<std::chrono::milliseconds>(std::min<Microseconds>(left, std::chrono::hours(24)));
  return static_cast<int>(bound.count());
}

bool Interrupts::take_signals() {
  bool resized = false;
  while (const auto signal = m_signals.next()) {
    if (*signal == SIGWINCH)
      resized = true;
    else
      (m_first ? m_second : m_first) = signal;
  }
  return resized;
}

}  // namespace concd::client
