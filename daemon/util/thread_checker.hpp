#pragma once

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <source_location>
#include <thread>

namespace concd {

#ifdef CONCD_THREAD_CHECKS

/// Whether a ThreadChecker checks anything in this build.
inline constexpr bool k_thread_checks = true;

/// A member of an object that lives on one thread: the one that uses it first, which need not be the one that
/// made it. Test builds (CMake option CONCD_THREAD_CHECKS) check it, others have nothing of it.
class ThreadChecker {
 public:
  /// Aborts with a message when another thread came here before. Any thread.
  void check(const std::source_location& where = std::source_location::current()) const noexcept {
    auto owner = std::thread::id();
    const auto self = std::this_thread::get_id();
    if (m_owner.compare_exchange_strong(owner, self) || owner == self) return;
    std::fprintf(stderr, "%s is called on a second thread\n", where.function_name());
    std::abort();
  }

 private:
  mutable std::atomic<std::thread::id> m_owner{};
};

#else

inline constexpr bool k_thread_checks = false;

class ThreadChecker {
 public:
  void check() const noexcept {}
};

#endif

}  // namespace concd
