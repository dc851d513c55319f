#pragma once

#include <filesystem>
#include <optional>

#include "client/connection.hpp"
#include "client/signals.hpp"
#include "util/clock.hpp"

namespace concd::client {

/// Connects again to a daemon that went away, e.g. because it restarts: tries the socket for a minute, with
/// growing pauses.
class Reconnect {
 public:
  /// Borrows the clock and the signals.
  Reconnect(std::filesystem::path socket, const Signals& signals, const Clock& clock)
      : m_socket(std::move(socket)), m_signals(signals), m_clock(clock) {}

  /// Whether this is the first loss since the daemon last replied.
  [[nodiscard]] bool is_news() const { return !m_lost; }
  /// Pauses, then tries to connect; nothing when a signal came in between or before `deadline` (boottime).
  /// Throws CannotConnect once the minute is over.
  [[nodiscard]] std::optional<Connection> attempt(std::optional<Microseconds> deadline);
  /// The daemon replied: the next loss has a minute of its own.
  void succeeded() { m_lost.reset(); }

 private:
  void pause(std::optional<Microseconds> deadline);

  std::filesystem::path m_socket;
  const Signals& m_signals;
  const Clock& m_clock;
  std::optional<Microseconds> m_lost;  ///< boottime
  Microseconds m_pause{};
};

}  // namespace concd::client
