#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace concd::protocol {

/// The longest frame that is sent or taken: bytes of its text, without the NUL that ends it.
inline constexpr std::size_t k_frame_limit = 1 << 20;

/// The text with the NUL that ends a frame, as Varlink has it (https://varlink.org/Method-Call). Throws
/// std::length_error when the text is longer than k_frame_limit, std::invalid_argument when it has a NUL.
[[nodiscard]] std::string encode_frame(std::string_view text);

/// Cuts a stream of bytes into frames. Does no I/O. Holds at most what was fed since next() last returned
/// nothing, plus one unfinished frame.
class FrameReader {
 public:
  /// Takes bytes in the order they came. False once a frame has grown beyond k_frame_limit: nothing more is
  /// taken from then on, but the whole frames before it still come out of next().
  [[nodiscard]] bool feed(std::string_view bytes);
  /// The text of the next whole frame, without its NUL; nothing when more bytes are needed.
  [[nodiscard]] std::optional<std::string> next();
  /// Bytes that are held and not yet handed out; not 0 at the end of the stream means a frame was cut off.
  [[nodiscard]] std::size_t pending() const { return m_buffer.size() - m_begin; }
  /// Bytes of memory that it takes.
  [[nodiscard]] std::size_t memory() const { return m_buffer.capacity(); }

 private:
  std::string m_buffer;
  std::size_t m_begin = 0;  ///< of the next frame to hand out
  std::size_t m_tail = 0;   ///< where the unfinished frame begins
  bool m_overlong = false;
};

}  // namespace concd::protocol
