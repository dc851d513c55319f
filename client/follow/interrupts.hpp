#pragma once

#include <optional>

#include "client/signals.hpp"
#include "util/clock.hpp"

namespace concd::client {

/// What makes concctl leave before all is settled: SIGINT, SIGTERM and the end of --timeout. One thread.
class Interrupts {
 public:
  /// Borrows the clock; the timeout runs from now.
  Interrupts(std::optional<Microseconds> timeout, const Clock& clock);

  [[nodiscard]] const Signals& signals() const { return m_signals; }
  [[nodiscard]] std::optional<Microseconds> deadline() const { return m_deadline; }  ///< boottime
  /// How long until the deadline, in ms as poll(2) takes it; -1: there is none.
  [[nodiscard]] int until_deadline() const;
  [[nodiscard]] bool is_late() const { return m_deadline && m_clock.boottime() >= *m_deadline; }

  /// Takes the signals that have come; true when the terminal has got another size meanwhile.
  bool take_signals();
  /// The first signal that asked to leave.
  [[nodiscard]] std::optional<int> signal() const { return m_first; }
  /// The one that asked again: leave at once.
  [[nodiscard]] std::optional<int> second_signal() const { return m_second; }

 private:
  const Clock& m_clock;
  Signals m_signals;
  std::optional<Microseconds> m_deadline;  ///< boottime
  std::optional<int> m_first, m_second;
};

}  // namespace concd::client
