#include "client/follow/reconnect.hpp"

#include <algorithm>
#include <cerrno>

#include <poll.h>

namespace concd::client {
namespace {

constexpr Microseconds k_max_away = std::chrono::seconds(60);
constexpr Microseconds k_first_pause = std::chrono::milliseconds(20);
constexpr Microseconds k_max_pause = std::chrono::milliseconds(500);

}  // namespace

std::optional<Connection> Reconnect::attempt(std::optional<Microseconds> deadline) {
  if (!m_lost) {
    m_lost = m_clock.boottime();
    m_pause = k_first_pause;
  }
  pause(deadline);
  const bool over = m_clock.boottime() - *m_lost >= k_max_away;
  try {
    // A socket that systemd holds can be connected while no daemon is there to reply.
    if (over) throw CannotConnect(m_socket, ETIMEDOUT);
    return Connection::open(m_socket);
  } catch (const CannotConnect&) {
    if (over) throw;
    return std::nullopt;
  }
}

/// Ends early when a signal comes; the signal stays to be read.
void Reconnect::pause(std::optional<Microseconds> deadline) {
  auto span = m_pause;
  if (deadline) span = std::clamp(*deadline - m_clock.boottime(), Microseconds::zero(), span);
  pollfd signals{m_signals.fd(), POLLIN, 0};
  ::poll(&signals, 1, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(span).count()));
  m_pause = std::min(m_pause * 2, k_max_pause);
}

}  // namespace concd::client
