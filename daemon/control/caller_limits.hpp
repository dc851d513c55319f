#pragma once

#include <cstdint>

namespace concd::control {

/// What callers may take of the daemon, each user and all together. Root has no limits of a user.
struct CallerLimits {
  std::uint32_t connections = 4096;
  std::uint32_t connections_per_user = 256;
  /// Bytes of what has come in and is not answered yet, and of answers that are not read yet.
  std::uint64_t memory = 256ULL << 20;
  std::uint64_t memory_per_user = 32ULL << 20;
  std::uint32_t submissions_per_user = 1000;  ///< a second, once the burst is used up
  std::uint32_t submission_burst = 10'000;
  std::uint32_t files_per_user = 10'000;  ///< files of a caller's own that are fetched into

  bool operator==(const CallerLimits&) const = default;
};

}  // namespace concd::control
