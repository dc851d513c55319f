#pragma once

#include <cstdint>

namespace concd::worker {

/// What an archive may grow to: beyond it, it is taken for a bomb.
struct UnpackLimits {
  std::uint64_t bytes = 0;    ///< of all files together, holes included
  std::uint64_t entries = 0;  ///< files, folders and links

  bool operator==(const UnpackLimits&) const = default;
};

/// Bytes that an archive may hold: k_expansion times its own size, and k_allowance.
inline constexpr std::uint64_t k_expansion = 100;
inline constexpr std::uint64_t k_allowance = 1ULL << 30;
inline constexpr std::uint64_t k_max_entries = 1'000'000;

/// The limits for an archive of `size` bytes.
[[nodiscard]] UnpackLimits unpack_limits(std::uint64_t size);

}  // namespace concd::worker
