#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "util/clock.hpp"

namespace concd::worker {

/// What is done where the kernel cannot confine a child process.
enum class SandboxPolicy {
  automatic,  ///< "auto": it works without
  required,   ///< "require": it does not work
};

[[nodiscard]] constexpr std::string_view to_string(SandboxPolicy policy) {
  return policy == SandboxPolicy::required ? "require" : "auto";
}

/// What one child process may use, concd.toml(5) [worker].
struct ProcessLimits {
  std::uint64_t memory = 512ULL << 20;             ///< bytes, RLIMIT_AS; 0: no limit (sanitizers need that)
  std::uint32_t open_files = 64;                   ///< RLIMIT_NOFILE
  Microseconds silence = std::chrono::minutes(1);  ///< without a word from it until SIGKILL
  SandboxPolicy sandbox = SandboxPolicy::automatic;

  bool operator==(const ProcessLimits&) const = default;
};

}  // namespace concd::worker
