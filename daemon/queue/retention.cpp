#include "queue/retention.hpp"

#include <algorithm>

#include "util/crash_point.hpp"

namespace concd::queue {
namespace {

constexpr auto k_prune_interval = std::chrono::hours(1);
constexpr auto k_prune_accuracy = std::chrono::minutes(1);

}  // namespace

Retention::Retention(const Clock& clock, const AlarmMaker& alarms, Ledger& ledger, Storage& storage,
                     const library::StateFolder& folder)
    : m_clock(clock),
      m_ledger(ledger),
      m_storage(storage),
      m_folder(folder),
      m_start(clock.boottime()),
      m_start_realtime(clock.realtime()),
      m_alarm(alarms([this] { prune(); })) {}

void Retention::set_policy(const RetentionPolicy& policy) {
  m_policy = policy;
  if (m_state == State::running) prune();
}

void Retention::run() {
  m_state = State::running;
  m_storage.unheld(m_folder.transfers_with_result(), [this](const auto& unheld) {
    if (unheld) remove(*unheld, [] { crash_point("restore.result_removed"); });
  });
  prune();
}

void Retention::stop() {
  m_state = State::stopped;
  m_alarm->disarm();
}

void Retention::prune() {
  const auto now = m_clock.boottime();
  m_alarm->arm(now + k_prune_interval, k_prune_accuracy);
  // A clock that is set ahead makes nothing old: no more time has passed than since the start.
  const auto realtime = std::min(m_clock.realtime(), m_start_realtime + (now - m_start));
  m_ledger.flush();
  m_storage.prune(realtime - m_policy.keep_finished, m_policy.keep_finished_count,
                  [this](const auto& pruned) {
                    if (!pruned) return;
                    crash_point("prune.stored");
                    remove(pruned->unheld, [] { crash_point("prune.removed"); });
                    if (pruned->more && m_state == State::running) prune();
                  });
}

void Retention::give_up(job::Id transfer, std::function<void()> done) {
  m_ledger.flush();
  m_storage.unheld({transfer}, [this, done = std::move(done)](const auto& unheld) {
    if (unheld) remove(*unheld, [] { crash_point("release.removed"); });
    done();
  });
}

void Retention::remove(const std::vector<job::Id>& transfers, void (*removed)()) {
  for (const auto id : transfers) {
    m_folder.remove_result(id);
    removed();
  }
}

}  // namespace concd::queue
