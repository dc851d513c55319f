#include "control/input.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/socket.h>

namespace concd::control {
namespace {

/// Descriptors that wait for the end of their frames, of which one frame is unfinished at a time.
constexpr std::size_t k_waiting_descriptors = 4;

ReceivedFd descriptor_of(msghdr& message) {
  const auto* const part = CMSG_FIRSTHDR(&message);
  if (part == nullptr || part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) return {};
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(part), sizeof fd);
  return ReceivedFd(UniqueFd(fd));
}

}  // namespace

bool Input::receive(int socket) {
  std::array<char, 65536> bytes;
  alignas(cmsghdr) std::array<char, CMSG_LEN(sizeof(int))> control;
  iovec part{bytes.data(), bytes.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (ReceivedFd::may_come()) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
  }
  const auto count = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return true;
  if (count > 0) m_received += static_cast<std::uint64_t>(count);
  if (count >= 0) keep(descriptor_of(message));
  if (count <= 0)
    m_state = State::ended;
  else if (!m_frames.feed({bytes.data(), static_cast<std::size_t>(count)}))
    m_state = State::overlong;
  return count >= 0;
}

void Input::close() {
  m_state = State::ended;
  m_frames = {};
  m_front.reset();
  m_arrived.clear();
}

const Input::Message* Input::front() {
  if (m_front) return &*m_front;
  const auto frame = m_frames.next();
  if (!frame) return nullptr;
  m_taken += frame->size() + 1;
  return &m_front.emplace(protocol::parse_call(*frame), frame->size(), take_descriptors());
}

Input::Message Input::take() {
  auto message = std::move(*m_front);
  m_front.reset();
  return message;
}

void Input::keep(ReceivedFd descriptor) {
  if (descriptor && m_arrived.size() < k_waiting_descriptors)
    m_arrived.push_back({std::move(descriptor), m_received});
}

/// Those of the frame that has just been taken: its bytes are the last ones that came with them.
std::vector<ReceivedFd> Input::take_descriptors() {
  std::vector<ReceivedFd> descriptors;
  const auto later =
      std::ranges::find_if(m_arrived, [this](const auto& arrived) { return arrived.position > m_taken; });
  for (auto arrived = m_arrived.begin(); arrived != later; ++arrived)
    descriptors.push_back(std::move(arrived->descriptor));
  m_arrived.erase(m_arrived.begin(), later);
  return descriptors;
}

}  // namespace concd::control
