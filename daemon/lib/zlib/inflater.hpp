#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include <zlib.h>

namespace concd::zlib {

/// Decodes a stream in the gzip format (RFC 1952, of several members too) or the zlib format (RFC 1950),
/// piece by piece: no more than 64 KiB of what it decodes is in memory.
class Inflater {
 public:
  /// Takes the next bytes; false: no more of them is wanted.
  using Take = std::function<bool(std::string_view)>;

  /// Throws std::bad_alloc.
  Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater();

  /// Decodes the next bytes of the stream. False once `take` has returned that. Throws std::runtime_error
  /// when the stream is damaged, std::bad_alloc.
  bool write(std::string_view data, const Take& take);
  /// What was written is a whole stream; nothing at all is one as well.
  [[nodiscard]] bool complete() const { return m_complete; }

 private:
  /// Decodes until the buffer is full or the input used up.
  void step();

  z_stream m_stream{};
  std::vector<char> m_buffer;
  bool m_complete = true;
};

}  // namespace concd::zlib
