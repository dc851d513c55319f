#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "queue/storage.hpp"
#include "util/alarm.hpp"
#include "util/clock.hpp"
#include "util/thread_checker.hpp"

namespace concd::queue {

/// What must last before it is said. Changes that come in a burst are written in groups, one commit each: a
/// change that comes alone is written at once, one that follows a group of several waits for others for some
/// milliseconds. Main thread.
class Ledger {
 public:
  /// `error` is null when the change is on disk; else nothing of it has happened. `known` see Entry.
  using Committed =
      std::function<void(std::exception_ptr error, const std::optional<store::StoredJob>& known)>;
  /// Makes the change at the moment when it is written; nothing: it is no longer of interest.
  using Compose = std::function<std::optional<Change>()>;

  Ledger(const Clock& clock, const AlarmMaker& alarms, Storage& storage);
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;
  ~Ledger();

  /// How many ended jobs have just been written is told to `ended`.
  void on_ended(std::function<void(std::size_t)> ended) { m_ended = std::move(ended); }
  /// Goes on from the highest numbers that were ever given.
  void start_from(store::LastIds last) { m_last = last; }
  [[nodiscard]] job::Id next_job() { return ++m_last.job; }
  [[nodiscard]] job::Id next_transfer() { return ++m_last.transfer; }

  /// Writes the change once and tells how that went.
  void commit(Change change, Committed committed);
  /// Writes what `compose` makes, again every some seconds until it is on disk; then calls `done`.
  void commit_eventually(Compose compose, std::function<void()> done);
  /// Hands all that is open to the storage now: what is read after this sees it.
  void flush();

 private:
  struct Open;

  void add(Open open);
  void written(std::vector<Open> group, std::vector<Entry> entries);
  void try_again(Open open, const std::exception_ptr& error);

  const Clock& m_clock;
  Storage& m_storage;
  std::function<void(std::size_t)> m_ended;
  store::LastIds m_last;
  std::vector<Open> m_open;     ///< to be written with the next group
  std::vector<Open> m_refused;  ///< the store did not take them; they come again
  Microseconds m_next_group{};  ///< boottime
  std::unique_ptr<Alarm> m_group_alarm;
  std::unique_ptr<Alarm> m_again_alarm;
  [[no_unique_address]] ThreadChecker m_thread;
};

}  // namespace concd::queue
