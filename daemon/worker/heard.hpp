#pragma once

#include <cstdint>
#include <functional>

#include "event/timer.hpp"
#include "util/clock.hpp"

namespace concd::worker {

/// How often a worker that has nothing to say says that it is alive.
inline constexpr Microseconds k_alive_interval = std::chrono::seconds(1);

/// Keeps count of what comes from a child: too much in a second, nothing for too long. Main thread.
class Heard {
 public:
  using SilenceHandler = std::function<void()>;

  /// Calls the handler, once, when nothing has come for `silence`. Time in which the machine is suspended, or
  /// the daemon itself stands still, does not count.
  Heard(event::Loop& loop, Microseconds silence, SilenceHandler on_silence);

  /// A frame has come. False: they come faster than any worker reports.
  [[nodiscard]] bool note();

 private:
  void look();
  void look_again();

  const Microseconds m_interval;
  const SilenceHandler m_on_silence;
  SystemClock m_clock;
  Microseconds m_window{};     ///< when counting frames began
  std::uint32_t m_frames = 0;  ///< since then
  std::uint32_t m_silent = 0;  ///< looks in a row without a frame before
  event::Timer m_timer;
};

}  // namespace concd::worker
