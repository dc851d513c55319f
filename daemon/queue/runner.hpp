#pragma once

#include <functional>

#include "job/executor.hpp"
#include "publish/publisher.hpp"
#include "queue/artifacts.hpp"
#include "queue/held_back.hpp"
#include "queue/retrier.hpp"
#include "queue/starter.hpp"
#include "queue/transfers.hpp"
#include "util/thread_checker.hpp"

namespace concd::queue {

/// Runs transfers: takes what the scheduler chooses, hears how attempts go, has published what they bring,
/// and stops what nobody wants any more. Main thread.
class Runner final : public job::ExecutorEvents {
 public:
  /// What all of this works on; borrowed.
  struct Surroundings {
    const Clock& clock;
    scheduler::Places& places;
    Transfers& transfers;
    Ledger& ledger;
    Artifacts& artifacts;
    const library::StateFolder& folder;
    const Parts& parts;
    CallersFiles& files;
    Starter& starter;
    Retrier& retrier;
    HeldBack& held_back;
  };

  explicit Runner(const Surroundings& with) : m(with) {}

  void attach(publish::Publisher& publisher) { m_publisher = &publisher; }
  void run();
  /// Checkpoints what runs and calls `stopped` once nothing goes on any more; nothing is started meanwhile.
  void stop(std::function<void()> stopped);
  [[nodiscard]] bool is_stopping() const { return m_state == State::stopping; }
  /// Starts all that may run.
  void pump();

  /// Somebody has begun to want the transfer, by a job that is active now: it goes on at once, because a
  /// person is asking.
  void wanted(Record& record);
  /// One that waits goes on at once.
  void hurry(Record& record);
  /// Somebody wants it no more. With nobody left it is stopped, and paused or ended.
  void unwanted(Record& record);
  /// The priority of a job of the transfer has changed.
  void reprioritize(const Record& record) { m.starter.reconsider(record); }
  /// Takes it over from an earlier life of the daemon, with its jobs.
  void restore(Record& record);

  // job::ExecutorEvents
  void on_started(job::Id id, const job::Execution& execution) override;
  void on_progress(job::Id id, const job::Progress& progress) override;
  void on_checkpoint(job::Id id, const job::Checkpoint& checkpoint) override;
  void on_finished(job::Id id, const job::Outcome& outcome) override;

 private:
  enum class State { restoring, running, stopping };

  /// Where a transfer that goes on no longer stands by those who are left.
  void settle(Record& record);
  void idle(Record& record);
  void note_end_of_attempt(Record& record, const job::Outcome& outcome);
  void failed(Record& record, const job::Failure& failure);
  void publish(Record& record, const job::Outcome& outcome);
  void on_published(job::Id id, const job::Outcome& outcome, const publish::Result& result);
  void end_done(Record& record, const job::Outcome& outcome);
  void end_unchanged(Record& record, const job::Outcome& outcome);
  void discard(Record& record);
  void go_on();

  Surroundings m;
  publish::Publisher* m_publisher = nullptr;
  State m_state = State::restoring;
  std::function<void()> m_stopped;
  [[no_unique_address]] ThreadChecker m_thread;
};

}  // namespace concd::queue
