#include "control/input.hpp"

#include <array>
#include <cerrno>
#include <utility>

#include <sys/socket.h>

namespace concd::control {

bool Input::receive(int socket) {
  std::array<char, 65536> bytes;
  const auto count = ::recv(socket, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return true;
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
}

const Input::Message* Input::front() {
  if (!m_front)
    if (const auto frame = m_frames.next()) m_front.emplace(protocol::parse_call(*frame), frame->size());
  return m_front ? &*m_front : nullptr;
}

Input::Message Input::take() {
  return *std::exchange(m_front, std::nullopt);
}

}  // namespace concd::control
