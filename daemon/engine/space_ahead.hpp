#pragma once

#include <cstdint>
#include <optional>

#include "engine/part_file.hpp"

namespace concd::engine {

/// Sees to it that what is written next fits, and that the disk does not get fuller than it may: in steps
/// ahead of the data, because an announced length is only a word. Lives on the transfer's thread.
class SpaceAhead {
 public:
  /// `min_free`: see kept_free(). `total`: bytes of the file, where somebody told; `here`: those that are
  /// here. Throws std::system_error, ENOSPC where the rest does not fit.
  SpaceAhead(PartFile& file, std::uint64_t min_free, std::optional<std::uint64_t> total, std::uint64_t here);

  /// Before a write that ends at byte `end`. Throws std::system_error, ENOSPC.
  void reach(PartFile& file, std::uint64_t end);

 private:
  /// Bytes that may be written to the file system; throws ENOSPC where that is less than `needed`.
  [[nodiscard]] std::uint64_t room(PartFile& file, std::uint64_t needed) const;

  std::uint64_t m_min_free;
  std::optional<std::uint64_t> m_total;
  std::uint64_t m_granted;  ///< up to this byte all is looked after
};

}  // namespace concd::engine
