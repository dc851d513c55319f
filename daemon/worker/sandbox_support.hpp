#pragma once

#include <string>

namespace concd::worker {

/// What a kernel has to confine a worker process with.
struct SandboxSupport {
  int landlock = 0;      ///< the version of its ABI, landlock(7); 0: none that is enough
  bool seccomp = false;  ///< system calls can be filtered, seccomp(2)

  [[nodiscard]] bool is_whole() const { return landlock > 0 && seccomp; }
  bool operator==(const SandboxSupport&) const = default;
};

/// Asks the kernel, and changes nothing. Any thread.
[[nodiscard]] SandboxSupport sandbox_support();

/// "Landlock 7 and seccomp", "seccomp but no Landlock", …
[[nodiscard]] std::string describe(const SandboxSupport& support);

}  // namespace concd::worker
