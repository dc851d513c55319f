#include "worker/channel.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "util/errno_error.hpp"
#include "worker/descriptors.hpp"

namespace concd::worker {
namespace {

constexpr std::size_t k_read_size = 64 << 10;
/// A socket's buffer holds less than this many reads; a peer that still writes meanwhile is left for later.
constexpr int k_max_drain_reads = 64;

/// The control data of a message that passes descriptors, cmsg(3).
struct Control {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(k_max_descriptors * sizeof(int))> bytes{};
};

msghdr message_of(iovec& part) {
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  return message;
}

void put(msghdr& message, Control& control, const std::vector<int>& descriptors) {
  const auto size = descriptors.size() * sizeof(int);
  message.msg_control = control.bytes.data();
  message.msg_controllen = CMSG_SPACE(size);
  auto* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(size);
  std::memcpy(CMSG_DATA(header), descriptors.data(), size);
}

void take(msghdr& message, std::vector<UniqueFd>& descriptors) {
  for (auto* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const auto count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
      descriptors.emplace_back(fd);
    }
  }
}

bool peer_is_gone(int error) {
  return error == EPIPE || error == ECONNRESET;
}

}  // namespace

Channel::Channel(event::Loop& loop, UniqueFd socket, Descriptors incoming, FrameHandler on_frame,
                 EndHandler on_end)
    : m_socket(std::move(socket)),
      m_incoming(incoming),
      m_on_frame(std::move(on_frame)),
      m_on_end(std::move(on_end)),
      m_io(loop, m_socket.get(), EPOLLIN, [this](std::uint32_t events) { on_events(events); }) {}

void Channel::send(std::string_view text, const std::vector<int>& descriptors) {
  if (!m_socket) return;
  const auto frame = protocol::encode_frame(text);
  if (descriptors.empty())
    m_output += frame;
  else
    pass(frame, descriptors);
  write_some();
  if (m_output.size() > k_max_backlog) end("does not read what is sent to it");
}

void Channel::flush() {
  while (m_socket && !m_output.empty()) {
    pollfd poll{m_socket.get(), POLLOUT, 0};
    if (::poll(&poll, 1, -1) < 0 && errno != EINTR) throw errno_error("poll");
    write_some();
  }
}

void Channel::drain() {
  for (int i = 0; i < k_max_drain_reads && m_socket; ++i)
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
  Control control;
  iovec part{buffer.data(), buffer.size()};
  auto message = message_of(part);
  if (m_incoming == Descriptors::accepted) {
    message.msg_control = control.bytes.data();
    message.msg_controllen = control.bytes.size();
  }
  const auto count = ::recvmsg(m_socket.get(), &message, MSG_CMSG_CLOEXEC);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return errno == EINTR;
  if (count <= 0) {
    end(m_reader.pending() > 0 ? "broke off in the middle of a message" : "");
    return false;
  }
  take(message, m_received);
  // Where there is no place for descriptors the kernel closes them and says so, recvmsg(2).
  if ((message.msg_flags & MSG_CTRUNC) != 0) {
    end("sent descriptors that nobody asked for");
    return false;
  }
  const bool whole = m_reader.feed({buffer.data(), static_cast<std::size_t>(count)});
  while (m_socket) {
    auto text = m_reader.next();
    if (!text) break;
    m_on_frame(*std::move(text), std::exchange(m_received, {}));
  }
  if (!whole) end("sent a message longer than 1 MiB");
  return whole && m_socket;
}

/// What of the bytes is not taken at once becomes output; the descriptors have gone with the first of them.
void Channel::pass(std::string_view bytes, const std::vector<int>& descriptors) {
  if (descriptors.size() > k_max_descriptors || !m_output.empty())
    throw std::logic_error("descriptors go with the first frame, and are few");
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  auto message = message_of(part);
  Control control;
  put(message, control, descriptors);
  ssize_t sent = 0;
  do sent = ::sendmsg(m_socket.get(), &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  if (sent < 0 && !peer_is_gone(errno)) throw errno_error("pass descriptors to a worker process");
  if (sent >= 0) m_output = bytes.substr(static_cast<std::size_t>(sent));
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
