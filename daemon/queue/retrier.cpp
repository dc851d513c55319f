#include "queue/retrier.hpp"

#include <algorithm>

#include "util/url.hpp"

namespace concd::queue {
namespace {

/// Bytes of the file that are not here yet, where that is known.
std::optional<std::uint64_t> missing_of(const job::Transfer& transfer) {
  const auto total = transfer.checkpoint.total ? transfer.checkpoint.total : transfer.spec.size;
  const auto here = transfer.checkpoint.durable();
  return total && *total > here ? std::optional(*total - here) : std::nullopt;
}

job::WaitCause backoff_from(const std::string& host) {
  job::WaitCause cause;
  cause.kind = job::WaitKind::host_backoff;
  cause.host = host;
  return cause;
}

}  // namespace

Retrier::Retrier(const Clock& clock, const AlarmMaker& alarms, scheduler::Places& places,
                 Transfers& transfers, Starter& starter, Online online, FreeBytes free_bytes,
                 const std::function<void()>& due)
    : m_clock(clock),
      m_places(places),
      m_transfers(transfers),
      m_starter(starter),
      m_online(std::move(online)),
      m_free_bytes(std::move(free_bytes)),
      m_random(std::random_device{}()),
      m_waits(clock, alarms,
              {[this, due](job::Id id) {
                 m_starter.enqueue(m_transfers.at(id));
                 due();
               },
               [this, due](const std::string& host) {
                 m_places.end_back_off(host);
                 journal::held_back_no_more(backoff_from(host));
                 due();
               },
               m_free_bytes}) {}

void Retrier::note_contact(Record& record) {
  record.transfer.history.contacted = true;
  m_known_hosts.add(url_host(record.transfer.url()));
}

scheduler::Situation Retrier::situation_of(const Record& record, bool online) const {
  const auto& transfer = record.transfer;
  const auto& history = transfer.history;
  const auto& checkpoint = transfer.checkpoint;
  scheduler::Situation situation;
  situation.tries = history.tries;
  situation.waits = history.waits;
  situation.mirror = transfer.mirror;
  situation.mirrors = static_cast<std::uint32_t>(transfer.spec.urls.size());
  situation.holds_part = checkpoint.durable() > 0 && checkpoint.url == transfer.url();
  // A host that has answered anybody is not a typo.
  situation.contacted = history.contacted || m_known_hosts.contains(url_host(transfer.url()));
  situation.online = online;
  situation.tried_for = history.tried_for;
  situation.since_progress = history.stalled;
  return situation;
}

void Retrier::failed(Record& record, const job::Failure& failure) {
  auto& history = record.transfer.history;
  const auto now = m_clock.monotonic();
  count_stalled(record, now);
  if (failure.retry_class == job::RetryClass::host_backoff) back_off(url_host(record.transfer.url()));
  const bool online = m_online();
  const bool counts = online && !scheduler::is_own_trouble(failure, online);
  if (counts && record.live) history.tried_for += now - record.live->start;
  record.transfer.failure = failure;
  std::uniform_real_distribution<double> spread(0, 1);
  const auto decision =
      scheduler::decide(m_policy, situation_of(record, online), failure, [&] { return spread(m_random); });
  if (const auto* const end = std::get_if<scheduler::GiveUp>(&decision)) return give_up(record, end->suffix);
  record.live.reset();
  if (const auto* const next = std::get_if<scheduler::NextMirror>(&decision))
    return next_mirror(record, next->mirror);
  const auto& later = std::get<scheduler::TryLater>(decision);
  if (counts) history.tried_for += later.delay;
  try_later(record, later);
}

void Retrier::give_up(Record& record, const std::string& suffix) {
  if (!suffix.empty()) record.transfer.failure->message += "; " + suffix;
  m_transfers.move(record, job::Ended{job::End::failed, false});
}

void Retrier::try_later(Record& record, const scheduler::TryLater& decision) {
  auto& history = record.transfer.history;
  if (decision.cause == job::WaitKind::disk_space) {
    wait_for_space(record);
  } else {
    if (decision.uses_try) ++history.tries;
    ++history.waits;
    record.transfer.mirror = decision.mirror;
    job::Waiting wait;
    wait.cause->kind = decision.cause;
    wait.cause->message = record.transfer.failure->message;
    wait.until = m_clock.realtime() + decision.delay;
    m_waits.until(record.id(), m_clock.boottime() + decision.delay);
    m_transfers.move(record, std::move(wait));
  }
}

void Retrier::wait_for_space(Record& record) {
  const auto free = m_free_bytes();
  const auto need = scheduler::need_space(m_policy, missing_of(record.transfer), {free, m_kept_free},
                                          record.seemed_enough, m_clock.boottime());
  record.seemed_enough = need.seemed_enough;
  job::Waiting wait;
  wait.cause->kind = job::WaitKind::disk_space;
  wait.cause->message = record.transfer.failure->message;
  wait.cause->needed = need.needed;
  wait.cause->free = free;
  m_waits.until_space(record.id(), need);
  m_transfers.move(record, std::move(wait));
}

void Retrier::next_mirror(Record& record, std::uint32_t mirror) {
  for (const auto id : record.active) journal::next_mirror(m_transfers.jobs().at(id), record.transfer);
  record.transfer.mirror = mirror;
  m_transfers.save(record);
  m_starter.enqueue(record);
}

void Retrier::back_off(const std::string& host) {
  if (!m_places.back_off(host)) return;
  journal::held_back(backoff_from(host));
  m_waits.back_off(host, m_clock.boottime() + scheduler::host_backoff_delay(m_policy));
}

job::Phase Retrier::phase_after_restart(const job::Transfer& transfer) const {
  if (job::is<job::Ended>(transfer.phase) || job::is<job::Paused>(transfer.phase)) return transfer.phase;
  const auto* const wait = std::get_if<job::Waiting>(&transfer.phase);
  if (wait == nullptr) return job::Queued{};
  // The clock may have been set since: no wait is longer than the policy would have made it.
  const auto& failure = transfer.failure;
  const auto asked_for = failure ? failure->retry_after.value_or(Microseconds{}) : Microseconds{};
  const auto left = std::min(wait->until - m_clock.realtime(), std::max(m_policy.max_delay, asked_for));
  if (left.count() <= 0) return job::Queued{};
  return job::Waiting{wait->cause, m_clock.realtime() + left};
}

void Retrier::restore(Record& record) {
  const auto* const wait = std::get_if<job::Waiting>(&record.transfer.phase);
  if (wait == nullptr) return m_starter.enqueue(record);
  m_waits.until(record.id(), m_clock.boottime() + wait->until - m_clock.realtime());
}

}  // namespace concd::queue
