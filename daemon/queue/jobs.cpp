// The dispatcher's tables of jobs and transfers, and what of them is stored.

#include <cassert>

#include <spdlog/spdlog.h>

#include "queue/dispatcher.hpp"
#include "queue/resolve.hpp"
#include "store/queries.hpp"
#include "util/crash_point.hpp"

namespace concd::queue {

using job::Job;
using job::State;

namespace {

/// How long the store is left alone after it could not write, e.g. since the disk is full.
constexpr auto k_save_delay = std::chrono::seconds(2);

std::string what(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    return exception.what();
  }
}

}  // namespace

Job* Dispatcher::find(job::Id id) {
  const auto found = m_jobs.find(id);
  return found == m_jobs.end() ? nullptr : &found->second;
}

Job& Dispatcher::adopt(Job adopted) {
  const auto id = adopted.id;
  auto& job = m_jobs[id] = std::move(adopted);
  auto& transfer = transfer_of(job);
  (job.state == State::paused ? transfer.parked : transfer.wanting).insert(id);
  return job;
}

Job& Dispatcher::enter(Job entering) {
  auto& job = adopt(std::move(entering));
  auto& transfer = m_transfers.at(job.transfer);
  if (transfer.wanting.size() == 1) {
    // Nothing could arrive while nobody wanted it.
    transfer.stalled = {};
    transfer.stalled_until.reset();
    job.stalled = {};
  }
  if (!transfer.running) {
    // A person is asking now: what waits for its next try need not wait any longer.
    make_ready(transfer);
    return job;
  }
  move(job, State::running);
  job.executor = transfer.kind;
  ++job.attempts;
  if (job.started.count() == 0) job.started = m_clock.realtime();
  return job;
}

Transfer& Dispatcher::transfer_of(Job& job) {
  const auto key = transfer_key(job.spec);
  const auto joined = m_by_key.find(key);
  if (joined != m_by_key.end() && joined->second != job.transfer) {
    // Equal requests in flight are one transfer; what this one had fetched by itself is given up.
    const auto left = std::exchange(job.transfer, joined->second);
    if (m_transfers.contains(left))
      drop_if_unused(left);
    else
      m_folder.remove_partial(left);
    crash_point("join.dropped");
    job.checkpoint = {};
    for (const auto other : m_transfers.at(job.transfer).wanting)
      job.checkpoint = m_jobs.at(other).checkpoint;
    save_soon(job);
  }
  auto& transfer = m_transfers[job.transfer];
  if (transfer.id == 0) {
    transfer.id = job.transfer;
    transfer.furthest = job.checkpoint.durable;
  }
  if (joined == m_by_key.end()) {
    transfer.key = key;
    m_by_key[key] = transfer.id;
  }
  return transfer;
}

void Dispatcher::leave(Job& job, bool parks) {
  auto& transfer = m_transfers.at(job.transfer);
  transfer.wanting.erase(job.id);
  transfer.parked.erase(job.id);
  if (parks) transfer.parked.insert(job.id);
  if (!transfer.wanting.empty()) return;
  if (transfer.running) {
    (transfer.kind == job::ExecutorKind::process ? m_processes : m_threads)->stop(transfer.id);
    return;
  }
  m_queue.remove(transfer.id);
  if (transfer.alarm) m_alarms.erase({*std::exchange(transfer.alarm, std::nullopt), transfer.id});
  arm_alarm();
  drop_if_unused(transfer.id);
}

void Dispatcher::drop_if_unused(job::Id id) {
  const auto found = m_transfers.find(id);
  if (found == m_transfers.end()) return;
  const auto& transfer = found->second;
  if (!transfer.wanting.empty() || !transfer.parked.empty() || transfer.running) return;
  m_folder.remove_partial(id);
  crash_point("partial.dropped");
  if (const auto key = m_by_key.find(transfer.key); key != m_by_key.end() && key->second == id)
    m_by_key.erase(key);
  m_transfers.erase(found);
}

void Dispatcher::move(Job& job, State to) {
  if (job.state == to) return;
  assert(job::may_move(job.state, to));
  job.state = to;
}

void Dispatcher::say(std::string_view event, const Job& job) {
  m_changed(event, job);
}

std::vector<Job> Dispatcher::copies_of(const std::set<job::Id>& ids) {
  std::vector<Job> copies;
  copies.reserve(ids.size());
  for (const auto id : ids) copies.push_back(m_jobs.at(id));
  return copies;
}

void Dispatcher::save(std::vector<Job> jobs, Stored stored) {
  m_store.post(
      [jobs = std::move(jobs)](store::Queries& queries) {
        for (const auto& job : jobs) queries.update_job(job);
      },
      std::move(stored));
}

void Dispatcher::save_soon(const Job& job, std::string_view event) {
  save({job}, [this, job, event](const std::exception_ptr& error) {
    crash_point("state.stored");
    if (!error) {
      if (!event.empty()) say(event, job);
      return;
    }
    spdlog::error("the queue could not be written, and will be again in {}s: {}", k_save_delay.count(),
                  what(error));
    save_later(job, event);
  });
}

void Dispatcher::save_later(const Job& job, std::string_view event) {
  // A job that is gone has been written down with its end, and must not come back to life.
  if (find(job.id) == nullptr && !job::is_final(job.state)) return;
  auto& unsaved = m_unsaved[job.id];
  unsaved.job = job;
  if (!event.empty()) unsaved.event = event;
  m_save_timer.arm(m_clock.boottime() + k_save_delay);
}

void Dispatcher::save_unsaved() {
  for (const auto& [id, unsaved] : std::exchange(m_unsaved, {})) {
    const auto* current = find(id);
    if (current != nullptr || job::is_final(unsaved.job.state))
      save_soon(current != nullptr ? *current : unsaved.job, unsaved.event);
  }
  for (auto& ending : std::exchange(m_unwritten, {})) write_down(std::move(ending));
}

void Dispatcher::write_down(Ending ending) {
  auto shared = std::make_shared<Ending>(std::move(ending));
  m_store.post(
      [shared](store::Queries& queries) {
        if (shared->artifact) queries.put_artifact(*shared->artifact);
        for (const auto& job : shared->jobs) queries.update_job(job);
      },
      [this, shared](const std::exception_ptr& error) {
        if (!error) return written_down(*shared);
        spdlog::error("the end of job {} could not be written, and will be again in {}s: {}",
                      shared->jobs.front().id, k_save_delay.count(), what(error));
        m_unwritten.push_back(std::move(*shared));
        m_save_timer.arm(m_clock.boottime() + k_save_delay);
      });
}

}  // namespace concd::queue
