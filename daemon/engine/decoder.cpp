#include "engine/decoder.hpp"

#include <stdexcept>

namespace concd::engine {
namespace {

// Text gets to a tenth, a log perhaps to a fiftieth; what is small does no harm.
constexpr std::uint64_t k_max_ratio = 100;
constexpr std::uint64_t k_harmless = 16 << 20;

}  // namespace

bool Decoder::is_bomb() const {
  return m_decoded > k_harmless && m_decoded / k_max_ratio > m_coded;
}

bool Decoder::write(std::string_view data, Sink& sink) {
  m_coded += data.size();
  try {
    return m_inflater.write(data, [&](std::string_view decoded) {
      m_decoded += decoded.size();
      if (is_bomb()) throw std::runtime_error("it decodes to more than a hundred times its size");
      return sink.write(decoded);
    });
  } catch (const std::runtime_error& error) {
    m_fault = std::string("its content coding cannot be decoded: ") + error.what();
    return false;
  }
}

}  // namespace concd::engine
