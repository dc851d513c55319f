#pragma once

#include <cstdint>
#include <optional>

namespace concd::job {

/// How far a transfer is.
struct Progress {
  std::uint64_t received = 0;          ///< bytes of the file that are here, resumed ones included
  std::optional<std::uint64_t> total;  ///< bytes of the whole file, where known
  std::uint64_t rate = 0;              ///< bytes/s, smoothed over about a second
};

}  // namespace concd::job
