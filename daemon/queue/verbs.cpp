// The dispatcher as control::Backend: what callers ask for.

#include <algorithm>

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include "queue/dispatcher.hpp"
#include "queue/job_log.hpp"
#include "queue/refuse.hpp"
#include "queue/resolve.hpp"
#include "sd/message_id.hpp"
#include "store/queries.hpp"
#include "util/crash_point.hpp"
#include "util/url.hpp"

namespace concd::queue {

using control::Reply;
using job::Job;
using job::State;
namespace message_id = sd::message_id;

void Dispatcher::download(const job::Request& request, const job::Peer& peer, Reply<Job> reply) {
  if (m_stopped) return reply(refuse(control::ShuttingDown{}));
  auto spec = resolve(request, m_catalog, m_config);
  if (!spec) return refuse_unless_known(request, peer, std::move(spec.error()), reply);
  const bool fresh = is_fresh(*spec);
  if (!fresh && is_full())
    return refuse_unless_known(request, peer, control::QueueFull{m_config.queue.limit}, reply);

  auto job = std::make_shared<Job>();
  job->spec = std::move(*spec);
  job->peer = peer;
  job->token = request.token.value_or("");
  job->created = m_clock.realtime();
  if (fresh) {
    const auto& artifact = m_artifacts.find(job->spec.name)->second;
    job->state = State::done;
    job->finished = job->created;
    job->path = m_folder.library(job->spec.name).string();
    job->progress = {artifact.size, artifact.size, 0};
  }
  ++m_accepting;
  auto known = std::make_shared<bool>(false);
  m_store.post(
      [job, known](store::Queries& queries) {
        if (!job->token.empty())
          if (auto earlier = queries.job_by_token(job->peer.uid, job->token)) {
            *job = std::move(*earlier);
            *known = true;
            return;
          }
        job->id = queries.insert_job(*job);
        job->transfer = job->id;
      },
      [this, job, known, reply = std::move(reply)](const std::exception_ptr& error) {
        --m_accepting;
        if (error) return reply(refuse(store_failed(error)));
        crash_point("accept.stored");
        accept(std::move(*job), *known, reply);
      });
}

void Dispatcher::refuse_unless_known(const job::Request& request, const job::Peer& peer,
                                     control::Refusal refusal, const Reply<Job>& reply) {
  if (!request.token || request.token->empty()) return reply(tl::unexpected(std::move(refusal)));
  auto earlier = std::make_shared<std::optional<Job>>();
  m_store.post([uid = peer.uid, token = *request.token,
                earlier](store::Queries& queries) { *earlier = queries.job_by_token(uid, token); },
               [this, earlier, refusal = std::move(refusal), reply](const std::exception_ptr& error) {
                 if (error || !*earlier) return reply(tl::unexpected(refusal));
                 accept(std::move(**earlier), true, reply);
               });
}

bool Dispatcher::is_full() const {
  return m_jobs.size() + m_accepting >= m_config.queue.limit;
}

void Dispatcher::accept(Job job, bool known, const Reply<Job>& reply) {
  if (known) {
    const auto* current = find(job.id);
    return reply(current != nullptr ? *current : job);
  }
  log_job(spdlog::level::info, message_id::job_accepted, "accepted", job,
          fmt::format("job {}: {} is accepted from uid {}", job.id, title(job), job.peer.uid));
  say("accepted", job);
  if (job.state == State::done) {
    reply(job);
    return accept_fresh(job);
  }
  reply(enter(std::move(job)));
  crash_point("accept.said");
  pump();
}

void Dispatcher::accept_fresh(const Job& job) {
  ++m_done;
  log_job(spdlog::level::info, message_id::job_done, "done", job,
          fmt::format("job {}: {} is present and fresh", job.id, title(job)),
          {{"CONCD_BYTES", std::to_string(job.progress.received)}, {"CONCD_DURATION_USEC", "0"}});
  say("done", job);
}

bool Dispatcher::is_fresh(const job::Spec& spec) const {
  if (spec.name.empty() || spec.force) return false;
  const auto* artifact = present(spec);
  if (artifact == nullptr) return false;
  if (!spec.fresh_for) return spec.digest.has_value();
  const auto age = m_clock.realtime() - artifact->fetched_at;
  // A time of fetching that lies ahead means that the clock was set: nothing is known of the age then.
  return age.count() >= 0 && age < *spec.fresh_for;
}

void Dispatcher::get(job::Id id, Reply<Job> reply) {
  if (const auto* job = find(id)) {
    auto copy = *job;
    if (copy.state == State::queued) copy.reason = m_queue.why_not(copy.transfer);
    return reply(std::move(copy));
  }
  auto found = std::make_shared<std::optional<Job>>();
  m_store.post([id, found](store::Queries& queries) { *found = queries.job_by_id(id); },
               [this, id, found, reply = std::move(reply)](const std::exception_ptr& error) {
                 if (error) return reply(refuse(store_failed(error)));
                 if (!*found) return reply(refuse(control::NoSuchJob{id}));
                 const auto* current = find(id);
                 reply(current != nullptr ? *current : **found);
               });
}

void Dispatcher::list(const control::ListQuery& query, Reply<std::vector<Job>> reply) {
  auto jobs = std::make_shared<std::vector<Job>>();
  if (!query.finished) {
    const auto end = query.before ? m_jobs.lower_bound(*query.before) : m_jobs.end();
    for (auto position = end; position != m_jobs.begin() && jobs->size() < query.limit;) {
      jobs->push_back((--position)->second);
      if (jobs->back().state == State::queued) jobs->back().reason = m_queue.why_not(jobs->back().transfer);
    }
    std::ranges::reverse(*jobs);
    return reply(std::move(*jobs));
  }
  m_store.post(
      [query, jobs](store::Queries& queries) { *jobs = queries.newest_jobs(query.before, query.limit); },
      [this, jobs, reply = std::move(reply)](const std::exception_ptr& error) {
        if (error) return reply(refuse(store_failed(error)));
        for (auto& job : *jobs)
          if (const auto* current = find(job.id)) job = *current;
        reply(std::move(*jobs));
      });
}

void Dispatcher::with_owned(job::Id id, const job::Peer& peer, const std::string& verb,
                            const Reply<Job>& reply, const std::function<void(Job)>& act) {
  get(id, [this, peer, verb, reply, act](control::Answer<Job> answer) {
    if (!answer) return reply(std::move(answer));
    if (m_stopped) return reply(refuse(control::ShuttingDown{}));
    if (!may_change(peer, *answer)) return reply(refuse(not_yours(*answer)));
    // Neither those who wait for a transfer whose end is being written down, nor who would begin it anew.
    const auto ending = [this](job::Id of) {
      const auto transfer = m_transfers.find(of);
      return transfer != m_transfers.end() && transfer->second.ending;
    };
    const bool is_done = answer->state == State::done;
    if (!is_done && (ending(answer->transfer) || ending(answer->id)))
      return reply(refuse(control::WrongState{answer->id, answer->state, verb}));
    act(std::move(*answer));
  });
}

void Dispatcher::reply_when_saved(const Job& job, std::string_view event, const Reply<Job>& reply) {
  save({job}, [this, job, event, reply](const std::exception_ptr& error) {
    if (error) {
      save_later(job, event);
      return reply(refuse(store_failed(error)));
    }
    crash_point("change.stored");
    say(event, job);
    reply(job);
    crash_point("change.said");
  });
}

void Dispatcher::cancel(job::Id id, const job::Peer& peer, Reply<Job> reply) {
  with_owned(id, peer, "Cancel", reply, [this, reply](const Job& seen) {
    auto* job = find(seen.id);
    if (job == nullptr) return reply(refuse(control::WrongState{seen.id, seen.state, "Cancel"}));
    leave(*job, false);
    move(*job, State::cancelled);
    job->finished = m_clock.realtime();
    job->checkpoint = {};
    job->reason.clear();
    job->failure = job::Failure{job::FailureKind::cancelled, job::RetryClass::none, "cancelled", 0, {}};
    const auto ended = std::move(*job);
    m_jobs.erase(ended.id);
    log_job(spdlog::level::info, message_id::job_cancelled, "cancelled", ended,
            fmt::format("job {}: {} is cancelled", ended.id, title(ended)));
    crash_point("cancel.left");
    reply_when_saved(ended, "cancelled", reply);
    pump();
  });
}

void Dispatcher::pause(job::Id id, const job::Peer& peer, Reply<Job> reply) {
  with_owned(id, peer, "Pause", reply, [this, reply](const Job& seen) {
    auto* job = find(seen.id);
    if (job == nullptr || job->state == State::paused)
      return reply(refuse(control::WrongState{seen.id, seen.state, "Pause"}));
    move(*job, State::paused);
    job->reason = "paused by a person";
    job->next_try = {};
    leave(*job, true);
    log_job(spdlog::level::info, message_id::job_paused, "paused", *job,
            fmt::format("job {}: {} is paused", job->id, title(*job)));
    reply_when_saved(*job, "paused", reply);
    pump();
  });
}

void Dispatcher::resume(job::Id id, const job::Peer& peer, Reply<Job> reply) {
  with_owned(id, peer, "Resume", reply, [this, reply](const Job& seen) {
    auto* job = find(seen.id);
    if (job == nullptr || job->state != State::paused)
      return reply(refuse(control::WrongState{seen.id, seen.state, "Resume"}));
    m_transfers.at(job->transfer).parked.erase(job->id);
    auto resumed = std::move(*job);
    m_jobs.erase(resumed.id);
    move(resumed, State::queued);
    resumed.reason.clear();
    const auto& adopted = enter(std::move(resumed));
    log_job(spdlog::level::info, message_id::job_resumed, "resumed", adopted,
            fmt::format("job {}: {} goes on", adopted.id, title(adopted)));
    reply_when_saved(adopted, "resumed", reply);
    pump();
  });
}

void Dispatcher::retry(job::Id id, const job::Peer& peer, Reply<Job> reply) {
  with_owned(id, peer, "Retry", reply, [this, reply](Job seen) {
    if (seen.state == State::failed || seen.state == State::cancelled)
      return retry_ended(std::move(seen), reply);
    auto* job = find(seen.id);
    if (job == nullptr || job->state != State::waiting)
      return reply(refuse(control::WrongState{seen.id, seen.state, "Retry"}));
    make_ready(m_transfers.at(job->transfer));
    reply(*job);
    pump();
  });
}

void Dispatcher::retry_ended(Job job, const Reply<Job>& reply) {
  if (is_full()) return reply(refuse(control::QueueFull{m_config.queue.limit}));
  move(job, State::queued);
  job.transfer = job.id;
  job.finished = {};
  job.tries = 0;
  job.stalled = {};
  job.mirror = 0;
  job.contacted = false;
  job.failure.reset();
  job.progress = {};
  ++m_accepting;
  save({job}, [this, job, reply](const std::exception_ptr& error) {
    --m_accepting;
    if (error) return reply(refuse(store_failed(error)));
    crash_point("retry.stored");
    if (const auto* current = find(job.id)) return reply(*current);
    log_job(spdlog::level::info, message_id::job_resumed, "resumed", job,
            fmt::format("job {}: {} is tried anew", job.id, title(job)));
    say("resumed", job);
    reply(enter(job));
    pump();
  });
}

control::Status Dispatcher::status() {
  control::Status status;
  status.uptime = m_clock.boottime() - m_start;
  for (const auto& [id, job] : m_jobs) {
    if (job.state == State::running) ++status.active;
    if (job.state == State::queued) ++status.queued;
    if (job.state == State::waiting) ++status.waiting;
    if (job.state == State::paused) ++status.paused;
  }
  for (const auto& [id, transfer] : m_transfers)
    if (transfer.running) status.rate += transfer.rate.rate();
  status.done = m_done;
  status.failed = m_failed;
  status.free = m_folder.free_bytes();
  return status;
}

std::vector<control::CatalogItem> Dispatcher::catalog(const std::string& after) {
  std::vector<control::CatalogItem> items;
  const auto& entries = m_catalog.entries();
  for (auto next = entries.upper_bound(after); next != entries.end(); ++next) {
    const auto& [name, entry] = *next;
    control::CatalogItem item{name,       entry.description, {},           entry.digest,
                              entry.size, entry.executor,    entry.unpack, ""};
    for (const auto& url : entry.urls) item.urls.push_back(redact_url(url));
    if (const auto known = m_artifacts.find(name);
        known != m_artifacts.end() && m_folder.has(known->second, entry.unpack))
      item.path = m_folder.library(name).string();
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace concd::queue
