#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "event/io.hpp"
#include "protocol/frame.hpp"
#include "util/unique_fd.hpp"

namespace concd::worker {

/// Whether descriptors may come from the peer: only the worker takes some.
enum class Descriptors { refused, accepted };

/// One end of the socket pair between the daemon and a worker: frames in and out, never blocking. Lives on
/// the thread of its loop. It must not be destroyed in its own handlers; close() may be called there.
class Channel {
 public:
  /// Output that the peer has not taken beyond this many bytes closes the channel.
  static constexpr std::size_t k_max_backlog = 4 * protocol::k_frame_limit;

  /// A frame's text and the descriptors that came with it.
  using FrameHandler = std::function<void(std::string text, std::vector<UniqueFd> descriptors)>;
  /// Nothing more will come; once. `offence` says what the peer did wrong, as in "sent a message longer than
  /// 1 MiB"; empty when it just hung up.
  using EndHandler = std::function<void(const std::string& offence)>;

  /// `socket` is a stream socket and does not block.
  Channel(event::Loop& loop, UniqueFd socket, Descriptors incoming, FrameHandler on_frame, EndHandler on_end);

  /// Sends a frame with this text, at once or as soon as the peer takes it; does nothing once closed. The
  /// caller's descriptors go with it (SCM_RIGHTS, unix(7)): with the first frame only. Throws
  /// std::system_error when the system cannot pass them on.
  void send(std::string_view text, const std::vector<int>& descriptors = {});
  /// Bytes that the peer has not taken yet.
  [[nodiscard]] std::size_t backlog() const { return m_output.size(); }
  /// Waits, without the loop, until the peer has taken all or is gone.
  void flush();
  /// Hands out what has already arrived, without waiting for the loop.
  void drain();
  void close();

 private:
  void on_events(std::uint32_t events);
  bool read_once();
  void pass(std::string_view bytes, const std::vector<int>& descriptors);
  void write_some();
  void end(const std::string& offence);

  UniqueFd m_socket;
  const Descriptors m_incoming;
  FrameHandler m_on_frame;
  EndHandler m_on_end;
  protocol::FrameReader m_reader;
  std::vector<UniqueFd> m_received;  ///< for the next frame
  std::string m_output;
  event::Io m_io;
};

}  // namespace concd::worker
