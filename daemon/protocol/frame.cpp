#include "protocol/frame.hpp"

#include <stdexcept>

namespace concd::protocol {
namespace {

/// Bytes of memory that are kept for the next frame.
constexpr std::size_t k_kept_memory = 64 << 10;

}  // namespace

std::string encode_frame(std::string_view text) {
  if (text.size() > k_frame_limit) throw std::length_error("a frame is longer than 1 MiB");
  if (text.find('\0') != std::string_view::npos) throw std::invalid_argument("a frame's text has a NUL");
  std::string frame;
  frame.reserve(text.size() + 1);
  frame.append(text);
  frame.push_back('\0');
  return frame;
}

bool FrameReader::feed(std::string_view bytes) {
  // What has been handed out is dropped here and not in next(), so that many small frames in one read cost
  // one move, not one each.
  m_buffer.erase(0, m_begin);
  m_tail -= m_begin;
  m_begin = 0;
  while (!bytes.empty() && !m_overlong) {
    const auto end = bytes.find('\0');
    const auto part = bytes.substr(0, end);
    if (m_buffer.size() - m_tail + part.size() > k_frame_limit) {
      m_overlong = true;
      m_buffer.resize(m_tail);
      break;
    }
    m_buffer.append(part);
    if (end == std::string_view::npos) break;
    m_buffer.push_back('\0');
    m_tail = m_buffer.size();
    bytes.remove_prefix(end + 1);
  }
  return !m_overlong;
}

std::optional<std::string> FrameReader::next() {
  if (m_begin == m_tail) return std::nullopt;
  const auto end = m_buffer.find('\0', m_begin);
  std::string text = m_buffer.substr(m_begin, end - m_begin);
  m_begin = end + 1;
  // A long frame's memory is not kept for the short ones that follow.
  if (pending() == 0 && m_buffer.capacity() > k_kept_memory) {
    m_buffer = {};
    m_begin = m_tail = 0;
  }
  return text;
}

}  // namespace concd::protocol
