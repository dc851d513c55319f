#pragma once

#include <memory>

#include "event/loop.hpp"
#include "job/executor.hpp"
#include "worker/worker_settings.hpp"

namespace concd::worker {

/// The executor `process`: one concd-worker child a task, spawned by posix_spawn(3), watched by a pidfd,
/// spoken to over a socket pair in frames. A child that dies or is killed fails its own task only. Main
/// thread.
class ProcessExecutor final : public job::Executor {
 public:
  /// `loop` and `events` outlive the executor.
  ProcessExecutor(event::Loop& loop, WorkerSettings settings, job::ExecutorEvents& events);
  /// Kills and reaps the children that are left.
  ~ProcessExecutor() override;

  void start(job::Task task) override;
  void stop(job::Id id) override;
  /// For children that start from now on.
  void set_settings(WorkerSettings settings);

 private:
  class Impl;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace concd::worker
