#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace concd::job {

/// A range of a file, in bytes.
struct Extent {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;

  /// The byte after the last one.
  [[nodiscard]] std::uint64_t end() const { return offset + length; }
  bool operator==(const Extent&) const = default;
};

/// Ranges of a file: in order, neither empty nor touching one another.
using Extents = std::vector<Extent>;

/// Adds a range, which may overlap those that are there.
void add(Extents& extents, Extent extent);
/// Bytes in all of them.
[[nodiscard]] std::uint64_t covered(const Extents& extents);
/// Bytes from 0 without a gap.
[[nodiscard]] std::uint64_t front(const Extents& extents);
/// The byte after the last one; 0: there is none.
[[nodiscard]] std::uint64_t end_of(const Extents& extents);
/// Whether the whole range is in one of them.
[[nodiscard]] bool covers(const Extents& extents, Extent extent);
/// What is below `end`.
[[nodiscard]] Extents below(Extents extents, std::uint64_t end);
/// The first range below `end` that is in none of them; nothing: there is none.
[[nodiscard]] std::optional<Extent> first_gap(const Extents& extents, std::uint64_t end);

}  // namespace concd::job
