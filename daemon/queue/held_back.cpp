#include "queue/held_back.hpp"

#include <algorithm>
#include <utility>

#include "queue/journal.hpp"

namespace concd::queue {
namespace {

/// What comes and goes within this time is not told.
constexpr auto k_interval = std::chrono::seconds(1);
constexpr auto k_accuracy = std::chrono::milliseconds(250);
/// Causes that are told at a time; with more, the journal would be no help.
constexpr std::size_t k_max_causes = 32;

bool holds(const std::vector<job::WaitCause>& causes, const job::WaitCause& cause) {
  return std::ranges::any_of(causes, [&](const job::WaitCause& other) {
    return other.kind == cause.kind && other.limit == cause.limit && other.host == cause.host;
  });
}

}  // namespace

HeldBack::HeldBack(const Clock& clock, const AlarmMaker& alarms, const scheduler::Places& places)
    : m_clock(clock), m_places(places), m_alarm(alarms([this] { look(); })) {}

void HeldBack::note() {
  if (m_looks || (m_places.queued() == 0 && m_told.empty())) return;
  m_looks = true;
  m_alarm->arm(m_clock.boottime() + k_interval, k_accuracy);
}

void HeldBack::look() {
  m_looks = false;
  auto causes = m_places.obstacles(k_max_causes);
  // The retrier tells of those, at the moment when they begin and end.
  std::erase_if(causes, [](const auto& cause) { return cause.kind == job::WaitKind::host_backoff; });
  for (const auto& cause : causes)
    if (!holds(m_told, cause)) journal::held_back(cause);
  for (const auto& cause : m_told)
    if (!holds(causes, cause)) journal::held_back_no_more(cause);
  m_told = std::move(causes);
  note();
}

}  // namespace concd::queue
