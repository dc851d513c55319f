#pragma once

#include <algorithm>
#include <cstdint>

namespace concd::queue {

/// The bit of job::History::met_public that is URL `mirror`'s. SQLite has 63 of them: the URLs after that
/// share the last one, and are trusted the less for it.
[[nodiscard]] inline std::uint64_t public_bit(std::uint32_t mirror) {
  return 1ULL << std::min(mirror, 62U);
}

}  // namespace concd::queue
