#pragma once

#include <cstdint>
#include <optional>

#include "engine/part_file.hpp"
#include "job/extents.hpp"

namespace concd::engine {

/// Sees to it that what is written next fits, and that the disk does not get fuller than it may: in steps
/// ahead of the data, because an announced length is only a word. Lives on the transfer's thread.
class SpaceAhead {
 public:
  /// `min_free`: see kept_free(). `total`: bytes of the file, where somebody told; `here`: what of it is
  /// here. Throws std::system_error, ENOSPC where the rest does not fit.
  SpaceAhead(PartFile& file, std::uint64_t min_free, std::optional<std::uint64_t> total, job::Extents here);

  /// Before a write of that range. Throws std::system_error, ENOSPC.
  void reach(PartFile& file, job::Extent range);

 private:
  /// Bytes that may be written to the file system; throws ENOSPC where that is less than `needed`.
  [[nodiscard]] std::uint64_t room(PartFile& file, std::uint64_t needed) const;

  std::uint64_t m_min_free;
  std::optional<std::uint64_t> m_total;
  job::Extents m_granted;  ///< what is looked after
};

}  // namespace concd::engine
