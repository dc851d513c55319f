#pragma once

#include <cstdint>

namespace concd::worker {

/// What one child process may use, concd.toml(5) [worker].
struct ProcessLimits {
  std::uint64_t memory = 512ULL << 20;  ///< bytes, RLIMIT_AS; 0: no limit (sanitizers need that)
  std::uint32_t open_files = 64;        ///< RLIMIT_NOFILE

  bool operator==(const ProcessLimits&) const = default;
};

}  // namespace concd::worker
