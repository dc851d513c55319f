#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/rate_floor.hpp"
#include "engine/settings.hpp"
#include "util/clock.hpp"

namespace concd::engine {

/// Tells when an attempt takes too long: until the first byte of the file, and from then on by its rate.
class Pace {
 public:
  /// The attempt begins now, µs of CLOCK_BOOTTIME.
  void begin(Microseconds now) { m_began = now; }
  /// What is wrong, as it follows the server's name; nothing while all is well. `received` and `fetched`:
  /// bytes that are here in all and by this attempt; nothing before the answer that brings them.
  [[nodiscard]] std::optional<std::string> fault(Microseconds now, const Settings& settings,
                                                 std::optional<std::uint64_t> received,
                                                 std::uint64_t fetched);

 private:
  Microseconds m_began{};
  RateFloor m_floor;
};

}  // namespace concd::engine
