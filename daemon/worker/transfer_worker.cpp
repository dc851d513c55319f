#include "worker/transfer_worker.hpp"

#include <utility>

#include <spdlog/fmt/fmt.h>

#include "util/crash_point.hpp"
#include "worker/plausible.hpp"

namespace concd::worker {
namespace {

using Kind = job::Outcome::Kind;

job::Outcome outcome_of(Kind kind, const job::Checkpoint& checkpoint) {
  job::Outcome outcome;
  outcome.kind = kind;
  outcome.checkpoint = checkpoint;
  return outcome;
}

job::Outcome failed(job::Failure failure, const job::Checkpoint& checkpoint) {
  auto outcome = outcome_of(Kind::failed, checkpoint);
  outcome.failure = std::move(failure);
  return outcome;
}

}  // namespace

TransferWorker::TransferWorker(event::Loop& loop, const WorkerSettings& settings, job::Task task,
                               job::ExecutorEvents& events, Done done)
    : m_task(std::move(task)),
      m_events(events),
      m_done(std::move(done)),
      m_checkpoint(m_task.checkpoint),
      m_supervisor(
          loop, settings, Begin{m_task, settings.transfer, settings.limits.sandbox},
          [this](const Report& report) { on_report(report); },
          [this](const job::Failure& how) { on_end(how); }) {}

void TransferWorker::stop() {
  if (m_state == State::stopping || m_state == State::ended) return;
  m_state = State::stopping;
  m_supervisor.ask_to_stop();
}

void TransferWorker::on_report(const Report& report) {
  if (m_state == State::ended) return;
  if (const auto* outcome = std::get_if<job::Outcome>(&report))
    on_outcome(*outcome);
  else if (const auto* progress = std::get_if<job::Progress>(&report))
    m_events.on_progress(m_task.id, *progress);
  else if (const auto* checkpoint = std::get_if<job::Checkpoint>(&report))
    on_checkpoint(*checkpoint);
  else if (std::holds_alternative<Started>(report))
    on_started();
  else
    m_supervisor.cut("reported what it was not asked for");
}

void TransferWorker::on_started() {
  if (m_state == State::started) return m_supervisor.cut("started twice");
  if (m_state != State::spawned) return;
  m_state = State::started;
  m_events.on_started(m_task.id, {"", m_supervisor.pid()});
}

void TransferWorker::on_checkpoint(const job::Checkpoint& checkpoint) {
  if (const auto offence = offence_of(checkpoint, m_task)) return m_supervisor.cut(*offence);
  m_checkpoint = checkpoint;
  m_events.on_checkpoint(m_task.id, checkpoint);
}

void TransferWorker::on_outcome(const job::Outcome& outcome) {
  if (const auto offence = offence_of(outcome, m_task)) return m_supervisor.cut(*offence);
  m_outcome = believed(outcome);
  m_state = State::ended;
  crash_point("attempt.outcome_heard");
  m_supervisor.expect_end();
}

job::Outcome TransferWorker::believed(const job::Outcome& outcome) const {
  // Somebody other than the daemon may send the worker SIGTERM; nobody here waits for a stop then.
  if (outcome.kind == Kind::stopped && m_state != State::stopping)
    return failed({job::FailureKind::other, job::RetryClass::retry,
                   fmt::format("worker process {} was told to end by somebody else", m_supervisor.pid())},
                  outcome.checkpoint);
  if (outcome.kind != Kind::delivered) return outcome;
  auto failure = mismatch(outcome, m_task);
  if (!failure) return outcome;
  // What came from a worker that lies about it is worth nothing.
  auto refuted = outcome_of(Kind::failed, {});
  refuted.failure = std::move(failure);
  return refuted;
}

void TransferWorker::on_end(const job::Failure& how) {
  if (m_state == State::ended)
    m_done(m_outcome);
  else if (m_state == State::stopping)
    m_done(outcome_of(Kind::stopped, m_checkpoint));
  else
    m_done(failed(how, m_checkpoint));
}

}  // namespace concd::worker
