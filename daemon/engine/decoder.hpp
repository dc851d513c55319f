#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/origin.hpp"
#include "lib/zlib/inflater.hpp"

namespace concd::engine {

/// Decodes a body on its way into the sink, and stops at a bomb: the sink bounds the bytes, and the decoder
/// how many of them come of one. Lives on its transfer's thread.
class Decoder {
 public:
  /// False: no more is wanted. Either the sink knows why, or fault() tells. Throws std::bad_alloc.
  bool write(std::string_view data, Sink& sink);
  [[nodiscard]] const std::optional<std::string>& fault() const { return m_fault; }
  /// What came is a whole body.
  [[nodiscard]] bool complete() const { return m_inflater.complete(); }

 private:
  [[nodiscard]] bool is_bomb() const;

  zlib::Inflater m_inflater;
  std::uint64_t m_coded = 0;
  std::uint64_t m_decoded = 0;
  std::optional<std::string> m_fault;
};

}  // namespace concd::engine
