#include "engine/attempt.hpp"

#include <utility>

#include "engine/failure_of.hpp"
#include "engine/size_check.hpp"
#include "job/local_failure.hpp"
#include "util/crash_point.hpp"

namespace concd::engine {
namespace {

using job::Failure;
using job::FailureKind;
using job::RetryClass;
using Name = AttemptState::Name;

/// Whether a kept file of `size` bytes bears the task's checkpoint out; false when there is nothing to go on
/// with.
bool is_kept(const job::Task& task, std::uint64_t size) {
  const auto& extents = task.checkpoint.extents;
  return !extents.empty() && size >= end_of(extents);
}

/// Whether others may fetch parts of the file: those that are continued have the same validators.
bool is_divisible(const Answer& answer) {
  return answer.ranges && answer.total && !answer.resumable.empty();
}

std::uint64_t kept_size(const job::Task& task) {
  if (!task.kept || task.checkpoint.durable() == 0) return 0;
  return PartFile(task.kept, task.checkpoint.part).size();
}

/// Into another file: what is stored of the kept one stays true until the new checkpoint takes its place.
Received start_over(const job::Task& task, const Answer& answer) {
  return Received::anew(task.fresh, {task.fresh_part, task.url, {}, answer.total, answer.resumable},
                        task.digest);
}

Received go_on(const job::Task& task, const Answer& answer) {
  auto checkpoint = task.checkpoint;
  checkpoint.total = answer.total;
  // One stream brings all that follows, once more where it is here.
  if (!is_divisible(answer)) checkpoint.set_durable(checkpoint.durable_front());
  return Received::onward(task.kept, std::move(checkpoint));
}

}  // namespace

Attempt::Attempt(Assignment assignment, const Surroundings& surroundings)
    : m_assignment(std::move(assignment)),
      m_surroundings(surroundings),
      m_saver(surroundings.disk, surroundings.reporter, m_assignment.ticket),
      m_segments(*this, {task(), *m_assignment.settings, surroundings.multi, surroundings.staging,
                         surroundings.hosts}) {}

void Attempt::begin(Microseconds now) noexcept {
  m_thread.check();
  try {
    m_saver.begin(now);
    m_progress.begin(now);
    m_pace.begin(now);
    const auto size = kept_size(task());
    m_keeps = is_kept(task(), size);
    m_plan = plan_resume(task(), size);
    m_segments.begin(m_plan, now);
  } catch (const std::exception& error) {
    fail(error);
  }
}

std::optional<Microseconds> Attempt::due() const {
  return over() ? std::nullopt : m_segments.due();
}

void Attempt::advance(Microseconds now) noexcept {
  m_thread.check();
  try {
    if (!over()) m_segments.advance(now);
  } catch (const std::exception& error) {
    fail(error);
  }
}

void Attempt::fail(const std::exception& error) noexcept {
  m_state.fail(job::failure_of(error));
}

bool Attempt::answered(const Answer& answer) {
  m_thread.check();
  if (over()) return false;
  m_answer = answer;
  m_state.answered(answer.unchanged);
  if (answer.unchanged) return true;
  try {
    auto refusal = answer.total ? refuse_size(task(), *m_assignment.settings, *answer.total) : std::nullopt;
    if (refusal)
      m_state.fail(std::move(*refusal));
    else
      receive(answer);
  } catch (const std::exception& error) {
    fail(error);
  }
  return !over();
}

void Attempt::receive(const Answer& answer) {
  m_received.emplace(answer.offset == 0 ? start_over(task(), answer) : go_on(task(), answer));
  if (restarted()) m_surroundings.reporter->checkpoint(ticket(), m_received->checkpoint());
  if (answer.offset == 0) crash_point("transfer.started_over");
  m_received->keep_free(m_assignment.settings->min_free, answer.total ? answer.total : task().size);
  if (is_divisible(answer)) m_segments.divide(*m_received, answer.elsewhere);
  crash_point("transfer.accepted");
}

bool Attempt::restarted() const {
  return m_received && m_received->continued().empty() && task().checkpoint.durable() > 0;
}

bool Attempt::came(const Segment& segment, std::uint64_t bytes) {
  m_thread.check();
  if (!m_state.is(Name::receiving)) return false;
  m_received->count(bytes);
  if (segment.overflows(bytes)) {
    m_received->distrust();
    m_state.fail({FailureKind::server, RetryClass::retry,
                  server_name(task().url) + " sent more bytes than it had announced"});
  } else if (auto refusal = refuse_size(task(), *m_assignment.settings, segment.position() + bytes)) {
    m_state.fail(std::move(*refusal));
  }
  return !over();
}

void Attempt::take(std::uint64_t offset, std::string_view data) noexcept {
  if (m_state.is(Name::failed)) return;
  try {
    m_received->write(offset, data);
  } catch (const std::exception& error) {
    fail(error);
  }
}

void Attempt::finished(std::optional<Failure> failure) {
  m_thread.check();
  // The origin may only complain that its bytes were refused.
  if (over()) return;
  if (failure)
    m_state.fail(std::move(*failure));
  else
    m_state.end();
}

std::optional<job::Progress> Attempt::news(Microseconds now) {
  if (!m_received) return std::nullopt;
  const auto& total = m_received->total();
  return m_progress.news(now, {covered(m_received->written()), total ? total : task().size, 0},
                         m_received->fetched());
}

void Attempt::check_pace(Microseconds now) {
  if (over()) return;
  const auto received = m_received ? std::optional(covered(m_received->written())) : std::nullopt;
  const auto fetched = m_received ? m_received->fetched() : 0;
  if (const auto fault = m_pace.fault(now, *m_assignment.settings, received, fetched))
    m_state.fail({FailureKind::network, RetryClass::retry, server_name(task().url) + " " + *fault});
}

void Attempt::save(Microseconds now) {
  if (!m_received || over() || m_answer.decoded || !m_received->can_be_continued(task().digest)) return;
  m_saver.save(now, *m_received);
}

}  // namespace concd::engine
