// The dispatcher as job::ExecutorEvents: how attempts go and end.

#include <algorithm>

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include "queue/dispatcher.hpp"
#include "queue/job_log.hpp"
#include "queue/online.hpp"
#include "sd/message_id.hpp"
#include "store/queries.hpp"
#include "util/crash_point.hpp"
#include "util/units.hpp"
#include "util/url.hpp"

namespace concd::queue {

using job::Job;
using job::Outcome;
using job::State;
namespace message_id = sd::message_id;

namespace {

/// Hosts that are remembered to have answered.
constexpr std::size_t k_answering_limit = 10'000;

/// What a file of unknown size is given before it is tried again on a full disk; more than what the transfer
/// itself gave back.
constexpr std::uint64_t k_min_room = 2 << 20;

std::vector<log::Field> attempt_fields(const Transfer& transfer, Microseconds now, std::uint64_t bytes) {
  return {execution_field(transfer.execution),
          {"CONCD_BYTES", std::to_string(bytes)},
          {"CONCD_DURATION_USEC", std::to_string((now - transfer.attempt_start).count())}};
}

}  // namespace

void Dispatcher::on_started(job::Id id, const job::Execution& execution) {
  auto& transfer = m_transfers.at(id);
  transfer.execution = execution;
  for (const auto member : transfer.wanting) {
    const auto& job = m_jobs.at(member);
    const auto who = execution.worker_pid != 0 ? fmt::format("worker process {}", execution.worker_pid)
                                               : fmt::format("thread {}", execution.thread_id);
    log_job(spdlog::level::info, message_id::job_started, "started", job,
            fmt::format("job {}: {} is fetched by {}", member, title(job), who),
            {execution_field(execution)});
    say("started", job);
  }
}

void Dispatcher::on_progress(job::Id id, const job::Progress& progress) {
  auto& transfer = m_transfers.at(id);
  note_progress(transfer, progress.received);
  const auto rate = transfer.rate.update(m_clock.boottime(), progress.received);
  for (const auto member : transfer.wanting) {
    auto& job = m_jobs.at(member);
    job.progress = progress;
    job.progress.rate = rate;
    if (!job.contacted) note_contact(job);
    say("progress", job);
  }
}

void Dispatcher::note_contact(Job& job) {
  job.contacted = true;
  // Only a help: forgetting costs no more than policy.
  if (m_answering.size() == k_answering_limit) m_answering.clear();
  m_answering.insert(url_host(job.spec.urls.at(job.mirror)));
}

void Dispatcher::note_progress(Transfer& transfer, std::uint64_t received) {
  if (received <= transfer.furthest) return;
  transfer.furthest = received;
  note_advance(transfer);
}

void Dispatcher::note_advance(Transfer& transfer) {
  transfer.stalled = {};
  transfer.stalled_until = m_clock.monotonic();
  transfer.waits = 0;
  for (const auto member : transfer.wanting) {
    auto& job = m_jobs.at(member);
    job.tries = 0;
    job.stalled = {};
  }
}

void Dispatcher::count_stalled(Transfer& transfer) {
  const auto now = m_clock.monotonic();
  transfer.stalled += now - transfer.stalled_until.value_or(now);
  transfer.stalled_until = now;
  for (const auto member : transfer.wanting) m_jobs.at(member).stalled = transfer.stalled;
}

void Dispatcher::on_checkpoint(job::Id id, const job::Checkpoint& checkpoint) {
  auto& transfer = m_transfers.at(id);
  for (const auto& members : {transfer.wanting, transfer.parked})
    for (const auto member : members) m_jobs.at(member).checkpoint = checkpoint;
  m_store.post([id, checkpoint](store::Queries& queries) { queries.update_checkpoint(id, checkpoint); },
               [](const std::exception_ptr& error) {
                 crash_point("checkpoint.stored");
                 // An older checkpoint is right as well, only less of a help.
                 if (error) spdlog::warn("a checkpoint could not be written");
               });
}

void Dispatcher::on_finished(job::Id id, const Outcome& outcome) {
  auto& transfer = m_transfers.at(id);
  m_queue.remove(id);
  transfer.running = false;
  note_progress(transfer, std::max(outcome.checkpoint.durable, outcome.size));
  // A file that was begun anew since it had changed has a long way to the furthest that the old one got.
  const bool continued = transfer.attempt_from > 0 && !outcome.restarted;
  if (continued && outcome.checkpoint.durable > transfer.attempt_from) note_advance(transfer);
  for (const auto& members : {transfer.wanting, transfer.parked})
    for (const auto member : members) {
      auto& job = m_jobs.at(member);
      job.checkpoint = outcome.checkpoint;
      if (outcome.contacted) note_contact(job);
      job.progress.rate = 0;
    }
  if (outcome.restarted && !transfer.wanting.empty()) {
    const auto& job = m_jobs.at(*transfer.wanting.begin());
    log_job(spdlog::level::warn, message_id::job_restarted, "restarted", job,
            fmt::format(
                "job {}: {} could not be continued, the origin's file is not surely the same; it is fetched "
                "from the start",
                job.id, title(job)));
  }
  switch (outcome.kind) {
    case Outcome::Kind::unchanged:
      if (is_forced(transfer)) {
        // Who wants it fetched whatever there is has joined while the origin was asked for news only.
        make_ready(transfer);
        break;
      }
      [[fallthrough]];
    case Outcome::Kind::published:
      end_published(transfer, outcome);
      break;
    case Outcome::Kind::failed:
      end_failed(transfer, outcome);
      break;
    case Outcome::Kind::stopped:
      end_stopped(transfer);
      break;
  }
  pump();
  if (!m_stopped) return;
  const bool none_run =
      std::ranges::none_of(m_transfers, [](const auto& pair) { return pair.second.running; });
  if (none_run) std::exchange(m_stopped, [] {})();
}

void Dispatcher::end_published(Transfer& transfer, const Outcome& outcome) {
  if (transfer.wanting.empty()) {
    // Everybody lost interest at the last moment.
    for (const auto parked : transfer.parked) m_jobs.at(parked).checkpoint = {};
    remove_unwanted_result(transfer.id);
    crash_point("end.unwanted");
    return drop_if_unused(transfer.id);
  }
  transfer.ending = true;
  m_by_key.erase(transfer.key);
  Ending ending{transfer.id, copies_of(transfer.wanting), std::nullopt, "done"};
  const auto& lead = ending.jobs.front();
  const bool named = !lead.spec.name.empty();
  const auto path = named ? m_folder.library(lead.spec.name) : m_folder.result(transfer.id);
  if (named) {
    auto artifact = outcome.kind == Outcome::Kind::unchanged ? m_artifacts[lead.spec.name] : job::Artifact{};
    if (outcome.kind == Outcome::Kind::published) {
      artifact.name = lead.spec.name;
      artifact.url = lead.spec.urls.at(lead.mirror);
      artifact.validators = outcome.validators;
      artifact.size = outcome.size;
      artifact.digest = lead.spec.digest ? job::to_string(*lead.spec.digest) : "";
    }
    artifact.fetched_at = m_clock.realtime();
    ending.artifact = std::move(artifact);
  }
  const auto size = ending.artifact ? ending.artifact->size : outcome.size;
  for (auto& job : ending.jobs) {
    move(job, State::done);
    job.finished = m_clock.realtime();
    job.path = path.string();
    job.progress = {size, size, 0};
    job.checkpoint = {};
    job.failure.reset();
    job.mtime = outcome.mtime;
  }
  crash_point("end.published");
  write_down(std::move(ending));
}

void Dispatcher::remove_unwanted_result(job::Id transfer) {
  auto held = std::make_shared<bool>(true);
  m_store.post([transfer, held](store::Queries& queries) { *held = queries.is_result_held(transfer); },
               [this, transfer, held](const std::exception_ptr& error) {
                 const auto again = m_transfers.find(transfer);
                 const bool in_use =
                     again != m_transfers.end() && (again->second.running || again->second.ending);
                 if (!error && !*held && !in_use) m_folder.remove_result(transfer);
               });
}

void Dispatcher::end_failed(Transfer& transfer, const Outcome& outcome) {
  if (transfer.wanting.empty()) return drop_if_unused(transfer.id);
  const auto& failure = outcome.failure.value();
  const auto& lead = m_jobs.at(*transfer.wanting.begin());
  count_stalled(transfer);
  // A host that has answered anybody is no slip of the pen.
  const auto host = url_host(lead.spec.urls.at(lead.mirror));
  const bool contacted = lead.contacted || m_answering.contains(host);
  if (failure.retry_class == job::RetryClass::host_backoff) rest(host);
  const bool online = is_online();
  const bool counts = online && !scheduler::is_own_trouble(failure, online);
  if (counts) transfer.tried_for += m_clock.monotonic() - transfer.attempt_start;
  const bool holds_part =
      lead.checkpoint.durable > 0 && lead.checkpoint.url == lead.spec.urls.at(lead.mirror);
  const scheduler::History history{lead.tries,      transfer.waits, lead.mirror, lead.spec.urls.size(),
                                   holds_part,      contacted,      online,      transfer.tried_for,
                                   transfer.stalled};
  const auto& retry = m_config.retry;
  const scheduler::RetryPolicy policy{retry.tries, retry.first_delay, retry.max_delay,
                                      retry.first_contact_timeout, retry.no_progress_timeout};
  std::uniform_real_distribution<double> spread(0, 1);
  const auto decision = scheduler::decide(policy, history, failure, [&] { return spread(m_random); });
  if (decision.kind == scheduler::Decision::Kind::fail) {
    auto final_failure = failure;
    if (!decision.reason.empty()) final_failure.message += "; " + decision.reason;
    return fail(transfer, final_failure);
  }
  if (counts) transfer.tried_for += decision.delay;
  retry_later(transfer, decision, failure);
}

void Dispatcher::fail(Transfer& transfer, const job::Failure& failure) {
  transfer.ending = true;
  m_by_key.erase(transfer.key);
  Ending ending{transfer.id, copies_of(transfer.wanting), std::nullopt, "failed"};
  for (auto& job : ending.jobs) {
    move(job, State::failed);
    job.finished = m_clock.realtime();
    job.failure = failure;
    job.checkpoint = {};
  }
  crash_point("end.failed");
  write_down(std::move(ending));
}

void Dispatcher::retry_later(Transfer& transfer, const scheduler::Decision& decision,
                             const job::Failure& failure) {
  ++transfer.waits;
  const bool waits = decision.kind == scheduler::Decision::Kind::wait;
  for (const auto member : transfer.wanting) {
    auto& job = m_jobs.at(member);
    move(job, waits ? State::waiting : State::queued);
    if (decision.uses_try) ++job.tries;
    job.failure = failure;
    job.reason = decision.reason;
    job.next_try = m_clock.realtime() + decision.delay;
    auto fields = attempt_fields(transfer, m_clock.monotonic(), job.checkpoint.durable);
    log_job(
        spdlog::level::warn, message_id::job_waiting, "waiting", job,
        fmt::format("job {}: {}; next try in {}", member, decision.reason, format_duration(decision.delay)),
        std::move(fields));
    job.mirror = static_cast<std::uint32_t>(decision.mirror);
    save_soon(job);
    say("waiting", job);
  }
  if (failure.retry_class == job::RetryClass::disk_space) need_room(transfer);
  if (waits)
    wait_until(transfer, m_clock.boottime() + decision.delay);
  else
    make_ready(transfer);
}

/// Until the disk has room for what is missing nobody bothers the origin again. Where it seems to have that
/// already, either it came this moment, or what ran out is something else, such as a quota: then more room
/// than now is a sign of change, and without one it is tried less and less often.
void Dispatcher::need_room(Transfer& transfer) {
  const auto& lead = m_jobs.at(*transfer.wanting.begin());
  const auto total = lead.checkpoint.total ? lead.checkpoint.total : lead.spec.size;
  const auto here = lead.checkpoint.durable;
  const auto missing = total && *total > here ? *total - here : k_min_room;
  const auto free = m_folder.free_bytes();
  transfer.room = std::max(missing, free + 1);
  auto policy = m_config.retry.max_delay;
  if (free >= missing)
    policy = std::min(policy, scheduler::k_space_delay * (1U << std::min(transfer.waits - 1, 20U)));
  transfer.room_until = m_clock.boottime() + policy;
}

void Dispatcher::end_stopped(Transfer& transfer) {
  const auto id = transfer.id;
  if (transfer.wanting.empty() && transfer.parked.empty()) return drop_if_unused(id);
  const auto& any = transfer.wanting.empty() ? transfer.parked : transfer.wanting;
  on_checkpoint(id, m_jobs.at(*any.begin()).checkpoint);
  if (transfer.wanting.empty()) return;
  count_stalled(transfer);
  for (const auto member : transfer.wanting) save_soon(m_jobs.at(member));
  // Either the daemon stops, or somebody came back before the executor had let go.
  make_ready(transfer);
}

void Dispatcher::written_down(const Ending& ending) {
  crash_point("end.stored");
  auto& transfer = m_transfers.at(ending.transfer);
  const auto now = m_clock.monotonic();
  if (ending.artifact) m_artifacts[ending.artifact->name] = *ending.artifact;
  for (const auto& job : ending.jobs) {
    const bool done = job.state == State::done;
    ++(done ? m_done : m_failed);
    auto fields = attempt_fields(transfer, now, job.progress.received);
    const auto text =
        done ? fmt::format("job {}: {} is done, {} in {}", job.id, title(job),
                           format_size(job.progress.received), format_duration(now - transfer.attempt_start))
             : fmt::format("job {}: {} failed: {}", job.id, title(job), job.failure->message);
    log_job(done ? spdlog::level::info : spdlog::level::err,
            done ? message_id::job_done : message_id::job_failed, ending.event, job, text, std::move(fields));
    transfer.wanting.erase(job.id);
    m_jobs.erase(job.id);
    say(ending.event, job);
  }
  transfer.ending = false;
  for (const auto parked : transfer.parked) m_jobs.at(parked).checkpoint = {};
  drop_if_unused(ending.transfer);
  crash_point("end.said");
}

}  // namespace concd::queue
