#pragma once

#include <chrono>

#include <malloc.h>

#include "event/timer.hpp"
#include "util/clock.hpp"

namespace concd::control {

/// Gives the memory of connections back to the system a while after many have ended, malloc_trim(3): the
/// allocator keeps what lies between what is still used. Main thread.
class SpareMemory {
 public:
  /// Borrows both.
  SpareMemory(event::Loop& loop, const Clock& clock)
      : m_clock(clock), m_trim(loop, [] { ::malloc_trim(0); }) {}

  /// A connection has ended.
  void note_end() {
    if (++m_ends % k_many == 0) m_trim.arm(m_clock.boottime() + k_pause);
  }

 private:
  static constexpr unsigned k_many = 64;
  static constexpr auto k_pause = std::chrono::seconds(1);

  const Clock& m_clock;
  event::Timer m_trim;
  unsigned m_ends = 0;
};

}  // namespace concd::control
