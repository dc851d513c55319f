#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "job/extents.hpp"

namespace concd::engine {

/// What one connection still has to fetch of a file.
struct Share {
  std::uint64_t begin = 0, end = 0;  ///< bytes
  std::uint64_t rate = 0;            ///< bytes/s, lately
  bool proven = false;               ///< it has brought something
};

/// What another connection is to fetch.
struct Piece {
  job::Extent range;
  /// Whose share ends before it from now on, by its index; nothing: it is nobody's, or asked for twice.
  std::optional<std::size_t> taken_from;

  bool operator==(const Piece&) const = default;
};

/// How a file of `total` bytes is divided among connections: what nobody fetches comes first; then the latter
/// half of what would take longest; at last the end of a slow one is asked for twice. Nothing: one more
/// connection would be of no use. `written`: what is here.
[[nodiscard]] std::optional<Piece> next_piece(const job::Extents& written, std::uint64_t total,
                                              const std::vector<Share>& shares);

/// A share of fewer than twice so many bytes is not divided.
inline constexpr std::uint64_t k_min_piece = 1 << 20;

}  // namespace concd::engine
