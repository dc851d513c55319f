#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "library/state_folder.hpp"
#include "queue/ledger.hpp"
#include "queue/retention_policy.hpp"
#include "queue/storage.hpp"
#include "util/alarm.hpp"
#include "util/clock.hpp"

namespace concd::queue {

/// Removes what need not be kept: ended jobs, as others come and hourly, and the files of results/ that
/// nobody needs. How old a job is goes by the time that concd has seen pass: a clock that is ahead makes
/// nothing old. Main thread.
class Retention {
 public:
  /// Borrows all.
  Retention(const Clock& clock, const AlarmMaker& alarms, Ledger& ledger, Storage& storage,
            const library::StateFolder& folder);

  /// Counts from now on; ended jobs that it does not keep are removed at once.
  void set_policy(const RetentionPolicy& policy);
  /// `seen`: up to when an earlier life has seen time pass, µs of CLOCK_REALTIME; 0: there was none.
  void restore(Microseconds seen) { m_seen = seen; }
  /// Jobs have ended: what they drive out is removed, some at a time.
  void note_ended(std::size_t count);
  /// Begins to remove.
  void run();
  void stop();
  /// Removes the transfer's file unless a job still needs it; then calls `done`. Where the store cannot be
  /// asked, because the disk is full, that is said and the file goes once it can.
  void give_up(job::Id transfer, std::function<void()> done);

 private:
  enum class State { restoring, running, stopped };

  [[nodiscard]] Microseconds now() const;
  void prune();
  /// Removes the files of those that no job needs.
  void remove_unheld(std::vector<job::Id> transfers, void (*removed)(), std::function<void()> done);
  void remove(const std::vector<job::Id>& transfers, void (*removed)());

  const Clock& m_clock;
  Ledger& m_ledger;
  Storage& m_storage;
  const library::StateFolder& m_folder;
  const Microseconds m_start, m_start_realtime;
  Microseconds m_seen{};
  std::size_t m_ended = 0;  ///< jobs since the last time that some were removed
  RetentionPolicy m_policy;
  State m_state = State::restoring;
  std::vector<job::Id> m_undecided;  ///< whether a job needs their files could not be looked up
  std::unique_ptr<Alarm> m_alarm;
};

}  // namespace concd::queue
