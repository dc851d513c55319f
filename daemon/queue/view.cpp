#include "queue/view.hpp"

#include <algorithm>

#include "util/overloaded.hpp"

namespace concd::queue {
namespace {

using job::Standing;
using job::State;

job::Progress progress_of(const job::Transfer& transfer) {
  const auto& checkpoint = transfer.checkpoint;
  return {checkpoint.durable(), checkpoint.total ? checkpoint.total : transfer.spec.size, 0};
}

}  // namespace

State state_of(const job::Phase& phase) {
  return std::visit(Overloaded{[](const job::Queued&) { return State::queued; },
                               [](const job::Running&) { return State::running; },
                               [](const job::Waiting&) { return State::waiting; },
                               [](const job::Paused&) { return State::paused; },
                               [](const job::Publishing&) { return State::publishing; },
                               // Its end is not on disk yet, or the job's standing would say so.
                               [](const job::Ended&) { return State::publishing; }},
                    phase);
}

State state_of(const job::Job& job, const job::Phase& phase) {
  switch (job.standing) {
    case Standing::paused:
      return State::paused;
    case Standing::done:
      return State::done;
    case Standing::failed:
      return State::failed;
    case Standing::cancelled:
      return State::cancelled;
    case Standing::active:
      break;
  }
  return state_of(phase);
}

job::View Views::of(const job::Job& job, const job::Transfer& transfer) const {
  job::View view;
  view.id = job.id;
  view.transfer = transfer.id;
  view.source = transfer.spec.source();
  view.name = transfer.spec.name;
  view.url = transfer.url();
  view.state = state_of(job, transfer.phase);
  view.executor = transfer.spec.executor;
  view.priority = job.priority;
  view.uid = job.peer.uid;
  view.created = job.created;
  // A job that joined later has not been started before it came.
  if (transfer.history.started.count() != 0) view.started = std::max(transfer.history.started, job.created);
  view.finished = job.finished;
  view.attempts = transfer.history.attempts;
  view.progress = progress_of(transfer);
  view.output = job.output;
  view.digest = transfer.spec.digest;
  view.released = job.released;
  view.direct = job.direct;
  view.failure = transfer.failure;
  if (view.state == State::cancelled)
    view.failure = job::Failure{job::FailureKind::cancelled, job::RetryClass::none, "cancelled", 0, {}};
  if (view.state != State::done) return view;
  view.failure.reset();
  view.progress = {transfer.size, transfer.size, 0};
  view.mtime = transfer.mtime;
  if (job.released || job.direct) return view;
  view.path =
      (transfer.spec.name.empty() ? m_folder.result(transfer.id) : m_folder.library(transfer.spec.name))
          .string();
  return view;
}

job::View Views::of(const job::Job& job, const Record& record) const {
  if (job.standing == Standing::cancelled) {
    // It leaves the table as soon as that is on disk.
    auto active = job;
    active.standing = Standing::active;
    active.finished = {};
    return of(active, record);
  }
  auto view = of(job, record.transfer);
  if (const auto* const running = std::get_if<job::Running>(&record.transfer.phase))
    view.executor = running->executor;
  // What was heard of an attempt may be older than its end.
  if (record.live && view.state != State::done) view.progress = record.live->progress;
  if (view.state == State::waiting) view.wait = std::get<job::Waiting>(record.transfer.phase);
  if (view.state == State::queued)
    if (auto cause = m_places.why_waits(record.id())) view.wait = job::Waiting{std::move(*cause), {}};
  return view;
}

}  // namespace concd::queue
