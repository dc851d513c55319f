#pragma once

#include <cstdint>
#include <optional>

#include "util/clock.hpp"

namespace concd::engine {

/// Bytes a second, smoothed so that what is older than about a second counts little.
class RateMeter {
 public:
  /// `bytes` have come in all until `now` (any clock that does not jump). Returns bytes/s.
  std::uint64_t update(Microseconds now, std::uint64_t bytes);

 private:
  std::optional<Microseconds> m_last;
  std::uint64_t m_bytes = 0;
  std::optional<double> m_rate;
};

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
