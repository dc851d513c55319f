#pragma once

#include <cstdint>
#include <optional>

#include "util/clock.hpp"

namespace concd {

/// Bytes/s of a transfer, smoothed exponentially: what is older than about a second counts little. Any clock
/// that does not jump.
class RateMeter {
 public:
  /// Begins anew at `received` bytes: what was there before does not count.
  void restart(Microseconds now, std::uint64_t received);
  /// `received` bytes are here in all. Returns bytes/s; 0 at the first call without a restart(). A count that
  /// went back (a restart from byte 0) reads as no bytes.
  std::uint64_t update(Microseconds now, std::uint64_t received);
  [[nodiscard]] std::uint64_t rate() const;

 private:
  std::optional<Microseconds> m_last;
  std::uint64_t m_received = 0;
  double m_rate = 0;
};

}  // namespace concd
