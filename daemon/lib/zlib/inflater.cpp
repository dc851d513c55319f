#include "lib/zlib/inflater.hpp"

#include <algorithm>
#include <limits>
#include <new>
#include <stdexcept>

namespace concd::zlib {
namespace {

constexpr std::size_t k_buffer_size = 64 * 1024;
/// The largest window, and the format by what the stream begins with, zlib.h.
constexpr int k_any_format = 15 + 32;

}  // namespace

Inflater::Inflater() : m_buffer(k_buffer_size) {
  if (inflateInit2(&m_stream, k_any_format) != Z_OK) throw std::bad_alloc();
}

Inflater::~Inflater() {
  inflateEnd(&m_stream);
}

bool Inflater::write(std::string_view data, const Take& take) {
  while (!data.empty()) {
    const auto length = std::min<std::size_t>(data.size(), std::numeric_limits<uInt>::max());
    // zlib does not write there; its type is older than const.
    m_stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    m_stream.avail_in = static_cast<uInt>(length);
    do {
      step();
      const auto made = m_buffer.size() - m_stream.avail_out;
      if (made > 0 && !take({m_buffer.data(), made})) return false;
    } while (m_stream.avail_in > 0 || m_stream.avail_out == 0);
    data.remove_prefix(length);
  }
  return true;
}

void Inflater::step() {
  m_stream.next_out = reinterpret_cast<Bytef*>(m_buffer.data());
  m_stream.avail_out = static_cast<uInt>(m_buffer.size());
  if (m_complete && m_stream.avail_in > 0) {
    // The next member of a gzip file.
    inflateReset(&m_stream);
    m_complete = false;
  }
  const auto result = inflate(&m_stream, Z_NO_FLUSH);
  if (result == Z_MEM_ERROR) throw std::bad_alloc();
  m_complete = result == Z_STREAM_END || (m_complete && result == Z_BUF_ERROR);
  if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
    throw std::runtime_error("it is damaged");
}

}  // namespace concd::zlib
