#include "worker/channel.hpp"

#include <array>
#include <cerrno>

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "util/errno_error.hpp"

namespace concd::worker {
namespace {

constexpr std::size_t k_read_size = 64 << 10;
/// A socket's buffer holds less than this many reads; a peer that still writes meanwhile is left for later.
constexpr int k_drain_reads = 64;

}  // namespace

Channel::Channel(event::Loop& loop, UniqueFd socket, FrameHandler on_frame, EndHandler on_end)
    : m_socket(std::move(socket)),
      m_on_frame(std::move(on_frame)),
      m_on_end(std::move(on_end)),
      m_io(loop, m_socket.get(), EPOLLIN, [this](std::uint32_t events) { on_events(events); }) {}

void Channel::send(std::string_view text) {
  if (!m_socket) return;
  m_output += protocol::encode_frame(text);
  write_some();
  if (m_output.size() > k_backlog_limit) end("does not read what is sent to it");
}

void Channel::flush() {
  while (m_socket && !m_output.empty()) {
    pollfd poll{m_socket.get(), POLLOUT, 0};
    if (::poll(&poll, 1, -1) < 0 && errno != EINTR) throw errno_error("poll");
    write_some();
  }
}

void Channel::drain() {
  for (int i = 0; i < k_drain_reads && m_socket; ++i)
    if (!read_once()) return;
}

void Channel::close() {
  if (!m_socket) return;
  m_io.set_enabled(false);
  m_socket.reset();
  m_output.clear();
}

void Channel::on_events(std::uint32_t events) {
  if ((events & EPOLLOUT) != 0 && m_socket) write_some();
  // Errors and hang-ups are found by reading, after what arrived before them.
  if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0 && m_socket) read_once();
}

/// True when something was read and there may be more.
bool Channel::read_once() {
  std::array<char, k_read_size> buffer;
  const auto count = ::recv(m_socket.get(), buffer.data(), buffer.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return errno == EINTR;
  if (count <= 0) {
    end(m_reader.pending() > 0 ? "broke off in the middle of a message" : "");
    return false;
  }
  const bool whole = m_reader.feed({buffer.data(), static_cast<std::size_t>(count)});
  while (m_socket) {
    auto text = m_reader.next();
    if (!text) break;
    m_on_frame(*std::move(text));
  }
  if (!whole) end("sent a message longer than 1 MiB");
  return whole && m_socket;
}

void Channel::write_some() {
  std::size_t written = 0;
  while (written < m_output.size()) {
    const auto count =
        ::send(m_socket.get(), m_output.data() + written, m_output.size() - written, MSG_NOSIGNAL);
    if (count >= 0) {
      written += static_cast<std::size_t>(count);
    } else if (errno == EAGAIN) {
      break;
    } else if (errno != EINTR) {
      // The peer is gone. What it said before that is still to be read, and the end is found there.
      written = m_output.size();
    }
  }
  m_output.erase(0, written);
  m_io.set_events(m_output.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT);
}

void Channel::end(const std::string& offence) {
  if (!m_socket) return;
  close();
  m_on_end(offence);
}

}  // namespace concd::worker
