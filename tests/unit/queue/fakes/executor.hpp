#pragma once

#include <map>
#include <vector>

#include "job/executor.hpp"

namespace concd::test {

/// Writes down what it is asked for; the test reports how it goes, by job::ExecutorEvents.
struct FakeExecutor final : job::Executor {
  void start(job::Task task) override {
    started.push_back(task.id);
    tasks[task.id] = std::move(task);
  }
  void stop(job::Id id) override { stopped.push_back(id); }

  std::vector<job::Id> started, stopped;  ///< in the order of the calls
  std::map<job::Id, job::Task> tasks;     ///< the last one of each transfer
};

}  // namespace concd::test
