#pragma once

#include <cstdint>
#include <optional>

#include "util/clock.hpp"

namespace concd::engine {

/// Tells when bytes come in too slowly for too long.
class RateFloor {
 public:
  /// `bytes` have come in all until `now` (any clock that does not jump). True when fewer than `rate` bytes/s
  /// came on average over the last `span`; spans follow one another.
  bool below(Microseconds now, std::uint64_t bytes, std::uint64_t rate, Microseconds span);

 private:
  std::optional<Microseconds> m_start;
  std::uint64_t m_bytes = 0;
};

}  // namespace concd::engine
