#include <utility>

#include "engine/attempt.hpp"
#include "engine/failure_of.hpp"
#include "engine/size_check.hpp"
#include "job/local_failure.hpp"
#include "util/crash_point.hpp"

// The end of an attempt: from the last byte to the outcome.
namespace concd::engine {
namespace {

using job::Failure;
using job::FailureKind;
using job::Outcome;
using job::RetryClass;
using Name = AttemptState::Name;

/// Why the origin's end is not the end of the file.
std::optional<Failure> refuse_whole(const job::Task& task, const std::optional<Received>& received) {
  if (received) return refuse_end(task, received->total(), covered(received->written()));
  return Failure{FailureKind::network, RetryClass::retry, server_name(task.url) + " ended without an answer"};
}

Outcome unchanged(Outcome outcome) {
  outcome.checkpoint = {};
  return outcome;
}

Outcome delivered(Outcome outcome, Received& received, const ResumePlan& plan) {
  outcome.size = covered(received.written());
  outcome.digest = received.finish_digest();
  // Continued on no more than trust: only then may a wrong digest be to blame on the joint.
  outcome.validated &= received.continued().empty() || !plan.if_range.empty();
  return outcome;
}

}  // namespace

Outcome Attempt::outcome(Outcome::Kind kind) const {
  Outcome outcome;
  outcome.kind = kind;
  outcome.failure = m_state.failure();
  if (m_received)
    outcome.checkpoint = m_received->checkpoint();
  else if (m_keeps)
    outcome.checkpoint = task().checkpoint;
  outcome.validators = m_answer.validators;
  outcome.fetched = m_received ? m_received->fetched() : 0;
  outcome.mtime = m_answer.mtime;
  const auto seen = m_segments.seen();
  outcome.contacted = seen.contacted;
  outcome.met_public = seen.met_public;
  outcome.validated = !seen.on_trust;
  outcome.dropped = m_segments.dropped();
  outcome.restarted = restarted();
  return outcome;
}

bool Attempt::worthless() const {
  if (m_answer.decoded) return true;
  if (!m_state.is(Name::failed)) return false;
  if (m_state.failure()->kind == FailureKind::verification) return true;
  if (!m_received) return false;
  // On a full disk what can never be continued is only in the way, of others too.
  const bool full = m_state.failure()->retry_class == RetryClass::disk_space;
  return !m_received->is_trusted() || (full && !m_received->can_be_continued(task().digest));
}

void Attempt::conclude_or_throw() {
  m_surroundings.staging.flush();
  if (m_state.is(Name::complete))
    if (auto refusal = refuse_whole(task(), m_received)) m_state.fail(std::move(*refusal));
  if (m_state.is(Name::stopped)) return conclude_partial(outcome(Outcome::Kind::stopped));
  if (m_state.is(Name::failed)) return conclude_partial(outcome(Outcome::Kind::failed));
  if (m_state.is(Name::unchanged))
    return m_surroundings.reporter->finished(ticket(), unchanged(outcome(Outcome::Kind::unchanged)));
  auto whole = delivered(outcome(Outcome::Kind::delivered), *m_received, m_plan);
  crash_point("transfer.delivered");
  m_saver.deliver(std::move(whole), *m_received);
}

void Attempt::conclude_partial(Outcome outcome) {
  if (m_received && !worthless()) return m_saver.keep(std::move(outcome), *m_received);
  if (worthless()) outcome.checkpoint = {};
  if (m_received && outcome.failure && outcome.failure->retry_class == job::RetryClass::disk_space)
    outcome.checkpoint = m_received->size_only();
  m_surroundings.reporter->finished(ticket(), std::move(outcome));
}

void Attempt::conclude() noexcept {
  try {
    conclude_or_throw();
  } catch (const std::exception& error) {
    Outcome failed;
    failed.failure = job::failure_of(error);
    // Moved, because what was thrown may be for want of memory.
    if (!m_received && m_keeps) failed.checkpoint = std::move(m_assignment.task.checkpoint);
    m_surroundings.reporter->finished(ticket(), std::move(failed));
  }
}

}  // namespace concd::engine
