#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "event/timer.hpp"
#include "sd/notifier.hpp"
#include "util/clock.hpp"
#include "util/liveness.hpp"

namespace concd::sd {

/// Feeds the service manager's watchdog at a third of its time, so that one look may come to nothing: the
/// main loop turned, because this runs in it, and every watched thread moved or was idle. A hung thread
/// starves it, so that the manager restarts the daemon.
class Watchdog {
 public:
  /// `interval` is WatchdogSec=; nothing: no watchdog, and no wakeup. `liveness` outlive the watchdog.
  Watchdog(event::Loop& loop, const Clock& clock, Notifier& notifier, std::optional<Microseconds> interval,
           std::vector<Liveness*> liveness);

 private:
  void check();
  void arm();

  const Clock& m_clock;
  Notifier& m_notifier;
  std::optional<Microseconds> m_interval;
  std::vector<Liveness*> m_liveness;
  event::Timer m_timer;
};

}  // namespace concd::sd
