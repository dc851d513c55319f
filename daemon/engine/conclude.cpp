#include <algorithm>
#include <system_error>
#include <utility>

#include "engine/attempt.hpp"
#include "engine/failure_of.hpp"
#include "engine/publish.hpp"
#include "util/crash_point.hpp"

// The end of a transfer: from the last byte to the outcome.
namespace concd::engine {
namespace {

using job::Failure;
using job::FailureKind;
using job::Outcome;
using job::RetryClass;

/// What a transfer that has filled the disk gives back of it: the queue must go on being written, so that
/// jobs can be cancelled, and small ones accepted.
constexpr std::uint64_t k_spare_room = 1 << 20;

/// How much of `written` bytes is kept after `outcome`; never less than what was there before the attempt.
std::uint64_t worth_keeping(std::uint64_t written, const Outcome& outcome) {
  if (!outcome.failure || outcome.failure->retry_class != RetryClass::disk_space) return written;
  return std::max(written - std::min(written, k_spare_room), outcome.checkpoint.durable);
}

/// What a publish thread needs of a transfer that is gone by then.
struct Whole {
  Assignment assignment;
  std::shared_ptr<PartFile> part;
  std::shared_ptr<Reporter> reporter;
  Outcome outcome;
  job::Checkpoint checkpoint;
  std::uint64_t size = 0;
  std::string digest;
  bool validated = true;
};

void publish_and_report(const Whole& whole) {
  const auto& ticket = whole.assignment.ticket;
  const auto result =
      publish({*whole.part, whole.assignment.task, whole.size, whole.outcome.mtime, whole.digest,
               whole.validated, whole.checkpoint, whole.assignment.settings->unpack, ticket->stop});
  auto outcome = whole.outcome;
  outcome.kind = result.kind;
  outcome.failure = result.failure;
  outcome.checkpoint = result.checkpoint;
  outcome.size = result.size;
  crash_point("transfer.published");
  whole.reporter->finished(ticket, std::move(outcome));
}

}  // namespace

Outcome Attempt::outcome(Outcome::Kind kind) const {
  Outcome outcome;
  outcome.kind = kind;
  outcome.validators = m_validators;
  outcome.fetched = m_fetched;
  outcome.mtime = m_mtime;
  outcome.contacted = m_contacted;
  outcome.restarted = m_restarted;
  return outcome;
}

void Attempt::report(Outcome outcome) {
  m_surroundings.reporter->finished(ticket(), std::move(outcome));
}

std::optional<Failure> Attempt::check_end() const {
  const auto server = server_name(task().url);
  if (!m_part) return Failure{FailureKind::network, RetryClass::retry, server + " ended without an answer"};
  if (m_checkpoint.total && m_written != *m_checkpoint.total)
    return Failure{FailureKind::network, RetryClass::retry, server + " closed the connection before the end"};
  if (task().size && m_written != *task().size)
    return Failure{FailureKind::verification, RetryClass::mirror,
                   "the file is not the expected one: " + std::to_string(m_written) + " bytes where " +
                       std::to_string(*task().size) + " were expected"};
  return std::nullopt;
}

void Attempt::conclude() noexcept {
  try {
    m_surroundings.staging.flush();
    m_contacted = m_origin && m_origin->contacted();
    m_origin.reset();
    if (!m_failure && m_stopped) return conclude_partial(outcome(Outcome::Kind::stopped));
    if (!m_failure && m_unchanged) return report(outcome(Outcome::Kind::unchanged));
    if (!m_failure) m_failure = check_end();
    if (!m_failure) return conclude_whole();
    m_discard = m_discard || m_failure->kind == FailureKind::verification;
    // On a full disk what can never be continued is only in the way, of others too.
    m_discard = m_discard || (m_failure->retry_class == RetryClass::disk_space && !can_be_continued());
    auto failed = outcome(Outcome::Kind::failed);
    failed.failure = m_failure;
    conclude_partial(std::move(failed));
  } catch (const std::exception& error) {
    Outcome failed;
    failed.failure = failure_of(error);
    report(std::move(failed));
  }
}

void Attempt::conclude_whole() {
  auto whole = std::make_shared<Whole>();
  whole->part = m_part;
  whole->reporter = m_surroundings.reporter;
  whole->outcome = outcome(Outcome::Kind::failed);
  whole->checkpoint = m_checkpoint;
  whole->size = m_written;
  if (m_digest) whole->digest = m_digest->finish();
  // Continued on no more than trust: only then may the digest be to blame on the joint.
  whole->validated = m_fetched == m_written || !m_plan.if_range.empty();
  whole->assignment = m_assignment;
  m_surroundings.publisher.submit([whole] { publish_and_report(*whole); });
}

void Attempt::conclude_partial(Outcome outcome) {
  outcome.checkpoint = m_checkpoint;
  if (m_discard) {
    std::error_code ignored;
    std::filesystem::remove(part_path(task().partial, m_checkpoint), ignored);
    crash_point("transfer.discarded");
    outcome.checkpoint = {};
    return report(std::move(outcome));
  }
  if (!m_part || m_written <= m_checkpoint.durable) return report(std::move(outcome));
  m_surroundings.publisher.submit([part = m_part, reporter = m_surroundings.reporter, ticket = ticket(),
                                   outcome = std::move(outcome), written = m_written]() mutable {
    const auto kept = worth_keeping(written, outcome);
    outcome.checkpoint = keep(*part, std::move(outcome.checkpoint), kept);
    reporter->finished(ticket, std::move(outcome));
  });
}

}  // namespace concd::engine
