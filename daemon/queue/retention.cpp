#include "queue/retention.hpp"

#include <algorithm>
#include <utility>

#include "util/crash_point.hpp"

namespace concd::queue {
namespace {

constexpr auto k_prune_interval = std::chrono::hours(1);
/// Ended jobs that may come before others are removed for them.
constexpr std::size_t k_prune_step = 500;
/// Of the time since it was last looked at most this part of keep_finished counts, a tenth, or
/// k_prune_interval.
constexpr auto k_unseen_share = 10;
/// How long after its end a job may be asked about though there are too many.
constexpr auto k_unsettled_time = std::chrono::seconds(10);
constexpr auto k_prune_accuracy = std::chrono::minutes(1);
constexpr auto k_undecided_delay = std::chrono::seconds(1);
constexpr auto k_removed = [] { crash_point("prune.removed"); };

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
  remove_unheld(m_folder.transfers_with_result(), [] { crash_point("restore.result_removed"); }, [] {});
  prune();
}

void Retention::stop() {
  m_state = State::stopped;
  m_alarm->disarm();
}

void Retention::note_ended(std::size_t count) {
  m_ended += count;
  if (m_ended >= k_prune_step && m_state == State::running) prune();
}

/// Not what the clock says where it is ahead of what can have passed: since the start that is told by another
/// clock; how long concd did not run nobody tells, so that this counts for little.
Microseconds Retention::now() const {
  const auto start = m_seen.count() == 0
                         ? m_start_realtime
                         : std::min(m_start_realtime,
                                    m_seen + std::max<Microseconds>(m_policy.keep_finished / k_unseen_share,
                                                                    k_prune_interval));
  return std::min(m_clock.realtime(), start + (m_clock.boottime() - m_start));
}

void Retention::prune() {
  // What has just ended may be too many only later.
  const bool unsettled = std::exchange(m_ended, 0) > 0;
  m_alarm->arm(m_clock.boottime() + (unsettled ? k_unsettled_time : k_prune_interval), k_prune_accuracy);
  m_ledger.flush();
  remove_unheld(std::exchange(m_undecided, {}), k_removed, [] {});
  const auto seen = now();
  m_storage.prune({seen - m_policy.keep_finished, m_policy.keep_finished_count,
                   m_policy.keep_finished_count_per_user, seen - k_unsettled_time},
                  seen, [this](const auto& pruned) {
                    if (!pruned) return;
                    crash_point("prune.stored");
                    remove(pruned->unheld, k_removed);
                    if (pruned->more && m_state == State::running) prune();
                  });
}

void Retention::give_up(job::Id transfer, std::function<void()> done) {
  m_ledger.flush();
  remove_unheld({transfer}, [] { crash_point("release.removed"); }, std::move(done));
}

void Retention::remove_unheld(const std::vector<job::Id>& transfers, void (*removed)(),
                              std::function<void()> done) {
  if (transfers.empty()) return done();
  m_storage.unheld(transfers, [this, transfers, removed, done = std::move(done)](const auto& unheld) {
    if (unheld) {
      remove(*unheld, removed);
    } else {
      // Also a read fails with the transaction that it shares with a write for which there is no space.
      m_undecided.insert(m_undecided.end(), transfers.begin(), transfers.end());
      if (m_state == State::running) m_alarm->arm(m_clock.boottime() + k_undecided_delay);
    }
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
