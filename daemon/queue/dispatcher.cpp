#include "queue/dispatcher.hpp"

#include <spdlog/spdlog.h>

#include "queue/job_log.hpp"
#include "queue/resolve.hpp"
#include "sd/message_id.hpp"
#include "store/queries.hpp"
#include "util/crash_point.hpp"
#include "util/url.hpp"

namespace concd::queue {

using job::Job;
using job::State;
namespace message_id = sd::message_id;

namespace {

constexpr auto k_prune_interval = std::chrono::hours(1);
constexpr auto k_prune_accuracy = std::chrono::minutes(1);

scheduler::Limits limits_of(const config::Config& config) {
  return {config.queue.active, config.queue.active_per_host, config.worker.limit};
}

}  // namespace

Dispatcher::Dispatcher(event::Loop& loop, const Clock& clock, store::Store& store,
                       library::StateFolder folder)
    : m_clock(clock),
      m_store(store),
      m_folder(std::move(folder)),
      m_start(clock.boottime()),
      m_start_realtime(clock.realtime()),
      m_queue(limits_of(m_config)),
      m_random(std::random_device{}()),
      m_alarm_timer(loop, [this] { ring_alarms(); }),
      m_save_timer(loop, [this] { save_unsaved(); }),
      m_prune_timer(loop, [this] { prune(); }) {}

void Dispatcher::attach(job::Executor& threads, job::Executor& processes, Changed changed) {
  m_threads = &threads;
  m_processes = &processes;
  m_changed = std::move(changed);
}

void Dispatcher::configure(const config::Config& config, catalog::Catalog catalog) {
  m_config = config;
  m_catalog = std::move(catalog);
  m_queue.set_limits(limits_of(config));
  pump();
  if (m_running) prune();
}

void Dispatcher::restore(std::vector<Job> jobs, std::vector<job::Artifact> artifacts) {
  for (auto& artifact : artifacts) m_artifacts[artifact.name] = std::move(artifact);
  std::set<job::Id> live;
  for (auto& job : jobs) {
    if (job.state == State::running) job.state = State::queued;
    auto& kept = adopt(std::move(job));
    live.insert(kept.transfer);
  }
  for (auto& [id, transfer] : m_transfers) {
    if (transfer.wanting.empty()) continue;
    const auto& job = m_jobs.at(*transfer.wanting.begin());
    transfer.stalled = job.stalled;
    // The clock may have been set since: no wait is longer than policy would have made it.
    const auto asked_for = job.failure ? job.failure->retry_after.value_or(Microseconds{}) : Microseconds{};
    const auto left =
        std::min(job.next_try - m_clock.realtime(), std::max(m_config.retry.max_delay, asked_for));
    if (job.state == State::waiting && left.count() > 0) {
      for (const auto member : transfer.wanting) m_jobs.at(member).next_try = m_clock.realtime() + left;
      wait_until(transfer, m_clock.boottime() + left);
    } else {
      make_ready(transfer);
    }
  }
  for (const auto id : m_folder.transfers_with_partial())
    if (!live.contains(id)) {
      m_folder.remove_partial(id);
      crash_point("restore.partial_removed");
    }
  crash_point("restore.done");
}

void Dispatcher::run() {
  m_running = true;
  remove_unheld_results();
  prune();
  pump();
}

void Dispatcher::stop(std::function<void()> stopped) {
  m_running = false;
  m_prune_timer.disarm();
  m_stopped = std::move(stopped);
  bool any = false;
  for (auto& [id, transfer] : m_transfers) {
    if (!transfer.running) continue;
    any = true;
    (transfer.kind == job::ExecutorKind::process ? m_processes : m_threads)->stop(id);
  }
  if (!any) m_stopped();
}

void Dispatcher::prune() {
  const auto now = m_clock.boottime();
  m_prune_timer.arm(now + k_prune_interval, k_prune_accuracy);
  // A clock that is set ahead makes nothing old: no more time has passed than since the start.
  const auto realtime = std::min(m_clock.realtime(), m_start_realtime + (now - m_start));
  const auto before = realtime - m_config.queue.keep_finished;
  const auto keep = m_config.queue.keep_finished_count;
  auto results = std::make_shared<std::vector<job::Id>>();
  auto more = std::make_shared<bool>(false);
  m_store.post(
      [before, keep, results, more](store::Queries& queries) {
        const auto jobs = queries.prunable_jobs(before, keep);
        *more = jobs.size() == store::k_prune_limit;
        for (const auto& job : jobs) {
          queries.delete_job(job.id);
          if (queries.holders_of_transfer(job.transfer) == 0) results->push_back(job.transfer);
        }
      },
      [this, results, more](const std::exception_ptr& error) {
        if (error) return;
        crash_point("prune.stored");
        for (const auto id : *results) m_folder.remove_result(id);
        crash_point("prune.removed");
        if (*more && m_running) prune();
      });
}

void Dispatcher::remove_unheld_results() {
  auto results = std::make_shared<std::vector<job::Id>>(m_folder.transfers_with_result());
  m_store.post(
      [results](store::Queries& queries) {
        std::erase_if(*results, [&](job::Id id) { return queries.holders_of_transfer(id) > 0; });
      },
      [this, results](const std::exception_ptr& error) {
        if (error) return;
        for (const auto id : *results) {
          m_folder.remove_result(id);
          crash_point("restore.result_removed");
        }
      });
}

void Dispatcher::pump() {
  while (m_running) {
    const auto id = m_queue.take();
    if (!id) return;
    start_attempt(m_transfers.at(*id));
  }
}

void Dispatcher::start_attempt(Transfer& transfer) {
  const auto now = m_clock.monotonic();
  transfer.running = true;
  transfer.attempt_start = now;
  if (!transfer.stalled_until) transfer.stalled_until = now;
  for (const auto id : transfer.wanting) {
    auto& job = m_jobs.at(id);
    move(job, State::running);
    job.executor = transfer.kind;
    ++job.attempts;
    if (job.started.count() == 0) job.started = m_clock.realtime();
    job.reason.clear();
    job.next_try = {};
  }
  const auto& lead = m_jobs.at(*transfer.wanting.begin());
  transfer.attempt_from = lead.checkpoint.durable;
  transfer.rate.restart(m_clock.boottime(), lead.checkpoint.durable);
  (transfer.kind == job::ExecutorKind::process ? m_processes : m_threads)->start(task_of(transfer, lead));
}

job::Task Dispatcher::task_of(const Transfer& transfer, const Job& job) const {
  job::Task task;
  task.id = transfer.id;
  task.url = job.spec.urls.at(job.mirror);
  task.digest = job.spec.digest;
  task.size = job.spec.size;
  task.checkpoint = job.checkpoint;
  task.unpack = job.spec.unpack;
  task.partial = m_folder.partial(transfer.id);
  if (job.spec.name.empty()) {
    task.destination = m_folder.result(transfer.id);
    task.mode = 0600;
    return task;
  }
  task.destination = m_folder.library(job.spec.name);
  const auto* known = present(job.spec);
  if (known != nullptr && known->url == task.url && !is_forced(transfer)) task.published = known->validators;
  return task;
}

const job::Artifact* Dispatcher::present(const job::Spec& spec) const {
  const auto known = m_artifacts.find(spec.name);
  if (known == m_artifacts.end() || !m_folder.has(known->second, spec.unpack)) return nullptr;
  const auto& artifact = known->second;
  if (spec.size && artifact.size != *spec.size) return nullptr;
  const bool same = spec.digest ? artifact.digest == job::to_string(*spec.digest)
                                : std::ranges::find(spec.urls, artifact.url) != spec.urls.end();
  return same ? &artifact : nullptr;
}

bool Dispatcher::is_forced(const Transfer& transfer) const {
  return std::ranges::any_of(transfer.wanting, [&](job::Id id) { return m_jobs.at(id).spec.force; });
}

void Dispatcher::make_ready(Transfer& transfer) {
  if (transfer.alarm) m_alarms.erase({*std::exchange(transfer.alarm, std::nullopt), transfer.id});
  transfer.room = 0;
  for (const auto id : transfer.wanting) move(m_jobs.at(id), State::queued);
  const auto& job = m_jobs.at(*transfer.wanting.begin());
  transfer.kind = executor_of(job.spec, m_config.transfer.executor);
  m_queue.add(transfer.id, url_host(job.spec.urls.at(job.mirror)),
              transfer.kind == job::ExecutorKind::process);
}

void Dispatcher::wait_until(Transfer& transfer, Microseconds when) {
  transfer.alarm = when;
  m_alarms.emplace(when, transfer.id);
  arm_alarm();
}

void Dispatcher::arm_alarm() {
  constexpr auto k_never = Microseconds::max();
  const auto next = std::min(m_alarms.empty() ? k_never : m_alarms.begin()->first,
                             m_rests.empty() ? k_never : m_rests.begin()->first);
  if (next == k_never)
    m_alarm_timer.disarm();
  else
    m_alarm_timer.arm(next);
}

void Dispatcher::rest(const std::string& host) {
  if (!m_queue.rest(host)) return;
  m_rests.emplace(m_clock.boottime() + std::min(m_config.retry.first_delay, scheduler::k_host_rest), host);
  arm_alarm();
}

void Dispatcher::ring_alarms() {
  const auto now = m_clock.boottime();
  for (; !m_rests.empty() && m_rests.begin()->first <= now; m_rests.erase(m_rests.begin()))
    m_queue.wake(m_rests.begin()->second);
  while (!m_alarms.empty() && m_alarms.begin()->first <= now) {
    auto& transfer = m_transfers.at(m_alarms.begin()->second);
    if (!lacks_room(transfer, now)) {
      make_ready(transfer);
      continue;
    }
    m_alarms.erase(m_alarms.begin());
    for (const auto id : transfer.wanting)
      m_jobs.at(id).next_try = m_clock.realtime() + scheduler::k_space_delay;
    wait_until(transfer, now + scheduler::k_space_delay);
  }
  arm_alarm();
  pump();
}

bool Dispatcher::lacks_room(const Transfer& transfer, Microseconds now) const {
  return transfer.room > 0 && now < transfer.room_until && m_folder.free_bytes() < transfer.room;
}

}  // namespace concd::queue
