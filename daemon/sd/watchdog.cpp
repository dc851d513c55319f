#include "sd/watchdog.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>

namespace concd::sd {
namespace {

/// In the time that the manager gives.
constexpr int k_looks = 3;

}  // namespace

Watchdog::Watchdog(event::Loop& loop, const Clock& clock, Notifier& notifier,
                   std::optional<Microseconds> interval, std::vector<Liveness*> liveness)
    : m_clock(clock),
      m_notifier(notifier),
      m_interval(interval),
      m_liveness(std::move(liveness)),
      m_timer(loop, [this] { check(); }, event::Urgency::high) {
  // The first word comes with the first interval: before the handover systemd would not listen.
  if (m_interval) arm();
}

void Watchdog::check() {
  // Each thread is asked, so that its "since the last call" is about the same time.
  const auto hung = std::ranges::count_if(m_liveness, [](Liveness* liveness) { return !liveness->alive(); });
  if (hung == 0)
    m_notifier.alive();
  else
    spdlog::warn("{} thread(s) did not move since the last watchdog check", hung);
  arm();
}

void Watchdog::arm() {
  m_timer.arm(m_clock.boottime() + *m_interval / k_looks);
}

}  // namespace concd::sd
