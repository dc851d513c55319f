#include "queue/starter.hpp"

#include <system_error>

#include "job/local_failure.hpp"
#include "queue/mirrors.hpp"
#include "queue/public_bit.hpp"
#include "util/url.hpp"

namespace concd::queue {
using job::ExecutorKind;

Starter::Starter(const Clock& clock, scheduler::Places& places, Transfers& transfers,
                 const Artifacts& artifacts, const Parts& parts, const CallersFiles& files)
    : m_clock(clock),
      m_places(places),
      m_transfers(transfers),
      m_artifacts(artifacts),
      m_parts(parts),
      m_files(files) {}

scheduler::Candidate Starter::candidate_of(const Record& record) const {
  const auto& transfer = record.transfer;
  return {transfer.id, url_host(transfer.url()),
          executor_of(transfer.spec, m_executor) == ExecutorKind::process, m_transfers.users(record),
          m_transfers.priority(record)};
}

void Starter::enqueue(Record& record) {
  m_places.add(candidate_of(record));
  // Last: whoever is told that it is queued is told what holds it back, too.
  if (!job::is<job::Queued>(record.transfer.phase)) m_transfers.move(record, job::Queued{});
}

std::optional<job::Failure> Starter::start(Record& record) {
  const auto kind = executor_of(record.transfer.spec, m_executor);
  if (record.transfer.into && !m_files.find(record.transfer.into)) m_transfers.lose_file(record);
  m_transfers.move(record, job::Running{kind, false});
  begin(record);
  try {
    m_parts.open(record);
    record.live->durable_before = record.transfer.checkpoint.durable();
    executor(kind).start(task_of(record));
    return std::nullopt;
  } catch (const std::system_error& error) {
    return job::failure_of(error);
  }
}

void Starter::begin(Record& record) {
  const auto now = m_clock.monotonic();
  auto& history = record.transfer.history;
  ++history.attempts;
  if (history.started.count() == 0) history.started = m_clock.realtime();
  if (!record.stalled_until) record.stalled_until = now;
  const auto durable = record.transfer.checkpoint.durable();
  record.live = std::make_unique<Live>();
  record.live->start = now;
  record.live->rate.restart(m_clock.boottime(), durable);
  record.live->progress.received = durable;
  record.live->progress.total = record.transfer.checkpoint.total;
}

job::Task Starter::task_of(const Record& record) const {
  const auto& transfer = record.transfer;
  job::Task task;
  task.id = transfer.id;
  task.url = transfer.url();
  task.digest = transfer.spec.digest;
  task.size = transfer.spec.size;
  task.met_public = (transfer.history.met_public & public_bit(transfer.mirror)) != 0;
  task.mirrors = mirrors_of(transfer);
  task.checkpoint = transfer.checkpoint;
  task.kept = record.live->kept;
  task.fresh = record.live->fresh;
  task.fresh_part = record.live->fresh_part;
  if (transfer.spec.name.empty() || m_transfers.is_forced(record)) return task;
  const auto* const present = m_artifacts.present(transfer.spec);
  if (present != nullptr && present->url == task.url) task.published = present->validators;
  return task;
}

void Starter::stop(const Record& record) {
  executor(std::get<job::Running>(record.transfer.phase).executor).stop(record.id());
}

job::Executor& Starter::executor(ExecutorKind kind) const {
  return kind == ExecutorKind::process ? *m_executors.processes : *m_executors.threads;
}

ExecutorKind executor_of(const job::Spec& spec, ExecutorKind configured) {
  if (spec.executor != ExecutorKind::automatic) return spec.executor;
  if (spec.unpack) return ExecutorKind::process;
  return configured == ExecutorKind::automatic ? ExecutorKind::thread : configured;
}

}  // namespace concd::queue
