#include "control/output.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string_view>

#include <sys/socket.h>

namespace concd::control {
namespace {

/// No reply of ours has more.
constexpr std::size_t k_max_descriptors = 4;

/// Bytes that are gathered into a piece before the next one is begun.
constexpr std::size_t k_full_piece = 64 << 10;

ssize_t send_piece(int socket, std::string_view bytes, const std::vector<UniqueFd>& descriptors) {
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(k_max_descriptors * sizeof(int))> control{};
  if (!descriptors.empty()) {
    const auto size = descriptors.size() * sizeof(int);
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(size);
    auto* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(size);
    for (std::size_t i = 0; i < descriptors.size(); ++i) {
      const int fd = descriptors[i].get();
      std::memcpy(CMSG_DATA(header) + i * sizeof fd, &fd, sizeof fd);
    }
  }
  ssize_t sent = 0;
  do sent = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (sent < 0 && errno == EINTR);
  return sent;
}

}  // namespace

void Output::push(std::string bytes, std::vector<UniqueFd> descriptors) {
  if (descriptors.size() > k_max_descriptors) throw std::length_error("too many descriptors in one reply");
  m_size += bytes.size();
  if (descriptors.empty() && !m_pieces.empty() && m_pieces.back().bytes.size() < k_full_piece) {
    m_pieces.back().bytes += bytes;
    return;
  }
  m_descriptors += descriptors.size();
  m_pieces.push_back({std::move(bytes), 0, std::move(descriptors)});
}

Output::Flushed Output::flush(int socket) {
  while (!m_pieces.empty()) {
    auto& piece = m_pieces.front();
    const auto sent = send_piece(socket, std::string_view(piece.bytes).substr(piece.sent), piece.descriptors);
    if (sent >= 0) {
      advance(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return Flushed::some;
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return Flushed::unread;
    } else {
      // A security module may let no descriptor pass (EACCES), or too many of them are under way to readers
      // who don't read (ETOOMANYREFS, unix(7)): the socket stays writable then, so waiting for it would spin.
      return Flushed::failed;
    }
  }
  return Flushed::all;
}

void Output::clear() {
  m_pieces.clear();
  m_size = m_descriptors = 0;
}

void Output::advance(std::size_t count) {
  auto& piece = m_pieces.front();
  m_descriptors -= piece.descriptors.size();
  piece.descriptors.clear();
  piece.sent += count;
  m_size -= count;
  if (piece.sent == piece.bytes.size()) m_pieces.pop_front();
}

}  // namespace concd::control
