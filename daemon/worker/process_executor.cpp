#include "worker/process_executor.hpp"

#include <stdexcept>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include "event/timer.hpp"
#include "worker/start_failure.hpp"
#include "worker/transfer_worker.hpp"

namespace concd::worker {
namespace {

job::Outcome cannot_start(const job::Task& task, const std::exception& error) {
  job::Outcome outcome;
  outcome.kind = job::Outcome::Kind::failed;
  outcome.failure = start_failure(error);
  outcome.checkpoint = task.checkpoint;
  return outcome;
}

}  // namespace

class ProcessExecutor::Impl {
 public:
  Impl(event::Loop& loop, WorkerSettings settings, job::ExecutorEvents& events)
      : m_loop(loop),
        m_settings(std::move(settings)),
        m_events(events),
        m_report(loop, [this] { report(); }) {}

  void start(const job::Task& task) {
    const auto [entry, is_new] = m_workers.try_emplace(task.id);
    if (!is_new) throw std::logic_error("a worker already runs for this task");
    const auto id = task.id;
    try {
      entry->second =
          std::make_unique<TransferWorker>(m_loop, m_settings, task, m_events,
                                           [this, id](const job::Outcome& outcome) { finish(id, outcome); });
    } catch (const std::system_error& error) {
      finish(id, cannot_start(task, error));
    } catch (const std::length_error& error) {
      // The task does not fit into a frame.
      finish(id, cannot_start(task, error));
    }
  }

  void stop(job::Id id) {
    const auto entry = m_workers.find(id);
    if (entry != m_workers.end() && entry->second) entry->second->stop();
  }

  void set_settings(WorkerSettings settings) { m_settings = std::move(settings); }

 private:
  /// The outcome is reported from the loop: neither from within start() nor while the attempt is at work.
  void finish(job::Id id, job::Outcome outcome) {
    m_finished.emplace_back(id, std::move(outcome));
    m_report.arm(Microseconds(0));
  }

  void report() {
    const auto finished = std::exchange(m_finished, {});
    for (const auto& [id, outcome] : finished) m_workers.erase(id);
    for (const auto& [id, outcome] : finished) m_events.on_finished(id, outcome);
  }

  event::Loop& m_loop;
  WorkerSettings m_settings;
  job::ExecutorEvents& m_events;
  std::vector<std::pair<job::Id, job::Outcome>> m_finished;
  event::Timer m_report;
  std::unordered_map<job::Id, std::unique_ptr<TransferWorker>> m_workers;  ///< null: it could not start
};

ProcessExecutor::ProcessExecutor(event::Loop& loop, WorkerSettings settings, job::ExecutorEvents& events)
    : m_impl(std::make_unique<Impl>(loop, std::move(settings), events)) {}

ProcessExecutor::~ProcessExecutor() = default;

void ProcessExecutor::start(job::Task task) {
  m_impl->start(task);
}

void ProcessExecutor::stop(job::Id id) {
  m_impl->stop(id);
}

void ProcessExecutor::set_settings(WorkerSettings settings) {
  m_impl->set_settings(std::move(settings));
}

}  // namespace concd::worker
