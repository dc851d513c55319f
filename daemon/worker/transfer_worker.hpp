#pragma once

#include <functional>

#include "event/loop.hpp"
#include "job/executor.hpp"
#include "worker/messages.hpp"
#include "worker/supervisor.hpp"
#include "worker/worker_settings.hpp"

namespace concd::worker {

/// One task and the child that carries it out. Nothing that the child reports is passed on that the task and
/// its files contradict. Main thread. It must not be destroyed in the calls that it makes.
class TransferWorker {
 public:
  /// The child has been reaped; once.
  using Done = std::function<void(const job::Outcome& outcome)>;

  /// Spawns the child and hands it the task. Throws what Supervisor does.
  TransferWorker(event::Loop& loop, const WorkerSettings& settings, job::Task task,
                 job::ExecutorEvents& events, Done done);

  void stop();

 private:
  enum class State {
    spawned,   ///< nothing has come yet
    started,   ///< said that it has begun
    stopping,  ///< was asked to stop
    ended,     ///< `m_outcome` is its last word
  };

  void on_report(const Report& report);
  void on_started();
  void on_checkpoint(const job::Checkpoint& checkpoint);
  void on_outcome(const job::Outcome& outcome);
  void on_end(const job::Failure& how);
  [[nodiscard]] job::Outcome believed(const job::Outcome& outcome) const;

  const job::Task m_task;
  job::ExecutorEvents& m_events;
  const Done m_done;
  State m_state = State::spawned;
  job::Checkpoint m_checkpoint;  ///< the last that is known to be on disk
  job::Outcome m_outcome;        ///< once ended
  Supervisor m_supervisor;
};

}  // namespace concd::worker
