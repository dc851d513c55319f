#pragma once

#include <optional>

#include "job/executor.hpp"
#include "queue/artifacts.hpp"
#include "queue/callers_files.hpp"
#include "queue/parts.hpp"
#include "queue/transfers.hpp"
#include "scheduler/places.hpp"

namespace concd::queue {

/// The two executors, which outlive the use of who holds this.
struct Executors {
  job::Executor* threads = nullptr;
  job::Executor* processes = nullptr;
};

/// Queues transfers, and hands the chosen ones to an executor. Main thread.
class Starter {
 public:
  /// Borrows all.
  Starter(const Clock& clock, scheduler::Places& places, Transfers& transfers, const Artifacts& artifacts,
          const Parts& parts, const CallersFiles& files);

  void attach(Executors executors) { m_executors = executors; }
  /// Who carries out what asks for no executor, from now on.
  void set_executor(job::ExecutorKind executor) { m_executor = executor; }

  /// The transfer runs as soon as there is a place.
  void enqueue(Record& record);
  /// Who wants a transfer, or how much, has changed; of one that is not queued that changes nothing.
  void reconsider(const Record& record) { m_places.change(candidate_of(record)); }
  /// Begins an attempt of the transfer that the scheduler has chosen. What keeps it from beginning is
  /// returned.
  [[nodiscard]] std::optional<job::Failure> start(Record& record);
  /// Asks the executor of a running transfer to stop.
  void stop(const Record& record);

 private:
  [[nodiscard]] scheduler::Candidate candidate_of(const Record& record) const;
  void begin(Record& record);
  [[nodiscard]] job::Task task_of(const Record& record) const;
  [[nodiscard]] job::Executor& executor(job::ExecutorKind kind) const;

  const Clock& m_clock;
  scheduler::Places& m_places;
  Transfers& m_transfers;
  const Artifacts& m_artifacts;
  const Parts& m_parts;
  const CallersFiles& m_files;
  Executors m_executors;
  job::ExecutorKind m_executor = job::ExecutorKind::automatic;
};

/// Who carries a spec out: a process where an archive is to be opened, else who is asked for, else who is
/// configured, else a thread.
[[nodiscard]] job::ExecutorKind executor_of(const job::Spec& spec, job::ExecutorKind configured);

}  // namespace concd::queue
