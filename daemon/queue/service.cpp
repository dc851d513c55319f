#include "queue/service.hpp"

#include "queue/refuse.hpp"
#include "util/crash_point.hpp"

namespace concd::queue {

using control::Answer;
using control::Reply;
using job::View;

void Service::configure(catalog::Catalog catalog, engine::Settings settings) {
  m_thread.check();
  m_catalog = std::move(catalog);
  m_settings = std::move(settings);
}

View Service::view_of(const store::StoredJob& stored) const {
  if (const auto* const current = m.transfers.find_job(stored.job.id))
    return m.views.of(*current, m.transfers.of(*current));
  return m.views.of(stored.job, stored.transfer);
}

control::WrongState Service::wrong_state(const store::StoredJob& stored, const std::string& verb) const {
  return {stored.job.id, view_of(stored).state, verb};
}

void Service::find(job::Id id, std::function<void(Answer<store::StoredJob>)> found) {
  m_thread.check();
  if (const auto* const job = m.transfers.find_job(id))
    return found(store::StoredJob{*job, m.transfers.of(*job).transfer});
  if (const auto* const answered = m.admission.answered(id)) return found(store::StoredJob(*answered));
  m.ledger.flush();
  m.storage.find_job(id, [id, found = std::move(found)](auto stored) {
    if (!stored) return found(refuse(store_failed(stored.error())));
    if (!*stored) return found(refuse(control::NoSuchJob{id}));
    found(std::move(**stored));
  });
}

void Service::with_owned(job::Id id, const job::Peer& peer, const std::string& verb, const Reply<View>& reply,
                         const Act& act) {
  find(id, [this, peer, verb, reply, act](Answer<store::StoredJob> answer) {
    if (!answer) return reply(tl::unexpected(std::move(answer.error())));
    if (m.runner.is_stopping()) return reply(refuse(control::ShuttingDown{}));
    if (!peer.may_manage(answer->job.peer.uid)) return reply(refuse(not_yours(answer->job)));
    // An end that is being written down comes first.
    const auto* const job = m.transfers.find_job(answer->job.id);
    const bool ends =
        job != nullptr && (job::has_ended(job->standing) || is_ending(*job, m.transfers.of(*job)));
    if (ends) return reply(refuse(wrong_state(*answer, verb)));
    act(std::move(*answer));
  });
}

void Service::with_unfinished(job::Id id, const job::Peer& peer, const std::string& verb,
                              const Reply<View>& reply, const std::function<void(job::Job&)>& act) {
  with_owned(id, peer, verb, reply, [this, verb, reply, act](const store::StoredJob& stored) {
    auto* const job = m.transfers.find_job(stored.job.id);
    if (job == nullptr) return reply(refuse(wrong_state(stored, verb)));
    act(*job);
  });
}

void Service::reply_when_saved(const job::Job& job, JobEventKind event, const Reply<View>& reply) {
  Change change;
  change.jobs.push_back(job);
  m.ledger.commit(std::move(change),
                  [this, id = job.id, event, reply](const std::exception_ptr& error, const auto&) {
                    if (error) {
                      save_eventually(id, event);
                      return reply(refuse(store_failed(error)));
                    }
                    crash_point("change.stored");
                    reply(saved(id, event));
                    crash_point("change.said");
                  });
}

void Service::save_eventually(job::Id id, JobEventKind event) {
  m.ledger.commit_eventually(
      [this, id]() -> std::optional<Change> {
        const auto* const job = m.transfers.find_job(id);
        // Its end is written with all that is known of it, and is not to be overwritten.
        if (job == nullptr || is_ending(*job, m.transfers.of(*job))) return std::nullopt;
        Change change;
        change.jobs.push_back(*job);
        return change;
      },
      [this, id, event] {
        // It may have been cancelled meanwhile, and have left.
        if (m.transfers.find_job(id) != nullptr) (void)saved(id, event);
      });
}

View Service::saved(job::Id id, JobEventKind event) {
  const auto& job = *m.transfers.find_job(id);
  auto& record = m.transfers.of(job);
  if (event != JobEventKind::cancelled) {
    // Another change of the job may have been on its way when it was cancelled.
    if (job.standing != job::Standing::cancelled) m.transfers.tell(job, record, event);
    return m.views.of(job, record);
  }
  auto view = m.views.of(job, record.transfer);
  m.transfers.tell(view, event);
  m.transfers.leave(id);
  m.transfers.drop_if_unused(record);
  return view;
}

}  // namespace concd::queue
