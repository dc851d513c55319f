#pragma once

#include <atomic>
#include <cstdint>

namespace concd {

/// What a thread shows the watchdog: that it is idle, or that it moved since it was last looked at.
/// beat() and idle() belong to the watched thread, alive() to the main thread.
class Liveness {
 public:
  /// The thread is working and has just moved on.
  void beat() noexcept {
    m_beats.fetch_add(1, std::memory_order_relaxed);
    m_idle.store(false, std::memory_order_release);
  }
  /// The thread is about to wait for work, which may take any time.
  void idle() noexcept { m_idle.store(true, std::memory_order_release); }

  /// True when the thread is idle or has moved since the last call.
  [[nodiscard]] bool alive() noexcept {
    const auto beats = m_beats.load(std::memory_order_relaxed);
    const bool moved = beats != m_seen;
    m_seen = beats;
    return moved || m_idle.load(std::memory_order_acquire);
  }

 private:
  std::atomic<std::uint64_t> m_beats{0};
  std::atomic<bool> m_idle{true};
  std::uint64_t m_seen = 0;
};

}  // namespace concd
