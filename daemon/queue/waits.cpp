#include "queue/waits.hpp"

#include <algorithm>

namespace concd::queue {

Waits::Waits(const Clock& clock, const AlarmMaker& alarms, Handlers handlers)
    : m_clock(clock), m_handlers(std::move(handlers)), m_alarm(alarms([this] { ring(); })) {}

void Waits::until(job::Id transfer, Microseconds when) {
  add(transfer, when);
}

void Waits::until_space(job::Id transfer, scheduler::SpaceNeed need) {
  add(transfer, std::min(need.retry_at, m_clock.boottime() + scheduler::k_space_poll));
  m_space[transfer] = need;
}

void Waits::add(job::Id transfer, Microseconds when) {
  remove(transfer);
  m_due.emplace(when, transfer);
  m_when[transfer] = when;
  arm();
}

void Waits::remove(job::Id transfer) {
  const auto when = m_when.find(transfer);
  if (when == m_when.end()) return;
  m_due.erase({when->second, transfer});
  m_when.erase(when);
  m_space.erase(transfer);
  arm();
}

void Waits::back_off(const std::string& host, Microseconds until) {
  m_hosts.emplace(until, host);
  arm();
}

void Waits::arm() {
  constexpr auto k_never = Microseconds::max();
  const auto next = std::min(m_due.empty() ? k_never : m_due.begin()->first,
                             m_hosts.empty() ? k_never : m_hosts.begin()->first);
  if (next == k_never)
    m_alarm->disarm();
  else
    m_alarm->arm(next);
}

void Waits::ring() {
  const auto now = m_clock.boottime();
  while (!m_hosts.empty() && m_hosts.begin()->first <= now) {
    const auto host = m_hosts.begin()->second;
    m_hosts.erase(m_hosts.begin());
    m_handlers.host_is_due(host);
  }
  while (!m_due.empty() && m_due.begin()->first <= now) {
    const auto id = m_due.begin()->second;
    const auto space = m_space.find(id);
    if (space != m_space.end() && !scheduler::has_space(space->second, m_handlers.free_bytes(), now)) {
      until_space(id, scheduler::SpaceNeed(space->second));
      continue;
    }
    remove(id);
    m_handlers.transfer_is_due(id);
  }
  arm();
}

}  // namespace concd::queue
