#include "worker/sandbox_support.hpp"

#include <cstdint>

#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <spdlog/fmt/fmt.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace concd::worker {
namespace {

/// The first that lets a file get a second name in another folder, as archives want it.
constexpr int k_least_landlock = 2;

int landlock_version() {
  const auto version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return version < k_least_landlock ? 0 : static_cast<int>(version);
}

bool has_seccomp() {
  std::uint32_t action = SECCOMP_RET_KILL_PROCESS;
  return ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

}  // namespace

SandboxSupport sandbox_support() {
  return {landlock_version(), has_seccomp()};
}

std::string describe(const SandboxSupport& support) {
  if (support.is_whole()) return fmt::format("Landlock {} and seccomp", support.landlock);
  if (support.landlock > 0) return fmt::format("Landlock {} but no seccomp", support.landlock);
  return support.seccomp ? "seccomp but no Landlock" : "neither Landlock nor seccomp";
}

}  // namespace concd::worker
