#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <tl/expected.hpp>

#include "protocol/frame.hpp"
#include "protocol/message.hpp"
#include "util/received_fd.hpp"

namespace concd::control {

/// What a peer sends, as calls, one at a time. Main thread.
/// A descriptor, SCM_RIGHTS of unix(7), belongs to the frame that it is sent with, which has to be a message
/// of sendmsg(2) of its own. One a message is received; the kernel closes others, because no buffer is given
/// for them.
class Input {
 public:
  struct Message {
    tl::expected<protocol::MethodCall, protocol::BadMessage> call;
    std::size_t size = 0;                 ///< bytes of its frame
    std::vector<ReceivedFd> descriptors;  ///< that came with it
  };

  /// Takes what has come, without blocking. For when wants_more(). False when the connection is broken.
  [[nodiscard]] bool receive(int socket);
  /// Takes nothing any more, and drops what was not begun.
  void close();

  /// Bytes that are held.
  [[nodiscard]] std::size_t memory() const { return m_frames.memory() + (m_front ? m_front->size : 0); }

  /// The next message; null when none is here.
  [[nodiscard]] const Message* front();
  /// Removes the one that front() gave.
  [[nodiscard]] Message take();

  /// No whole message is here, and more may come.
  [[nodiscard]] bool wants_more() { return m_state == State::open && front() == nullptr; }
  /// All messages were taken, and what follows them is longer than a frame may be.
  [[nodiscard]] bool is_overlong() { return m_state == State::overlong && front() == nullptr; }
  /// All messages were taken, and nothing follows.
  [[nodiscard]] bool has_ended() { return m_state == State::ended && front() == nullptr; }

 private:
  enum class State {
    open,      ///< more may come
    overlong,  ///< what follows the frames that are held is longer than a frame may be
    ended,     ///< the peer has said all, or is not listened to any more
  };

  struct Arrived {
    ReceivedFd descriptor;
    std::uint64_t position = 0;  ///< bytes that were received up to the end of its message
  };

  void keep(ReceivedFd descriptor);
  [[nodiscard]] std::vector<ReceivedFd> take_descriptors();

  State m_state = State::open;
  protocol::FrameReader m_frames;
  std::uint64_t m_received = 0;    ///< bytes
  std::uint64_t m_taken = 0;       ///< bytes of the frames up to m_front
  std::vector<Arrived> m_arrived;  ///< whose frames are not whole yet
  std::optional<Message> m_front;
};

}  // namespace concd::control
