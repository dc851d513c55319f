#pragma once

#include <csignal>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "event/loop.hpp"
#include "worker/process_executor.hpp"

namespace concd::worker {

/// Writes down what an executor reports and ends the loop with the last expected outcome.
struct Record final : job::ExecutorEvents {
  explicit Record(event::Loop& owner) : loop(owner) {}

  void on_started(job::Id, const job::Execution& execution) override {
    story += "started ";
    pid = execution.worker_pid;
    if (when_started) when_started();
  }
  void on_progress(job::Id, const job::Progress& progress) override {
    if (story.size() < 1000) story += "progress " + std::to_string(progress.received) + " ";
    if (when_progress) when_progress(progress);
  }
  void on_checkpoint(job::Id, const job::Checkpoint& checkpoint) override {
    story += "checkpoint " + std::to_string(checkpoint.durable()) + " ";
  }
  void on_finished(job::Id id, const job::Outcome& outcome) override {
    story += "finished ";
    ids.push_back(id);
    outcomes.push_back(outcome);
    if (when_finished) when_finished();
    if (outcomes.size() >= expected) loop.exit(0);
  }

  event::Loop& loop;
  std::function<void()> when_started;
  std::function<void(const job::Progress&)> when_progress;
  std::function<void()> when_finished;
  std::size_t expected = 1;
  std::string story;
  pid_t pid = 0;
  std::vector<job::Id> ids;
  std::vector<job::Outcome> outcomes;
};

/// A loop with SIGCHLD blocked, as the daemon has it.
struct ParentLoop : event::Loop {
  ParentLoop() {
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, nullptr);
  }
};

/// An executor on a loop of its own.
struct Bench {
  explicit Bench(WorkerSettings settings) : executor(loop, std::move(settings), record) {}

  ParentLoop loop;
  Record record{loop};
  ProcessExecutor executor;
};

}  // namespace concd::worker
