#include "queue/admission.hpp"

#include "queue/refuse.hpp"
#include "sd/message_id.hpp"
#include "util/crash_point.hpp"

namespace concd::queue {

using control::Reply;
using job::View;
namespace message_id = sd::message_id;

namespace {

/// A job is accepted, or resumed as one that had failed or was cancelled.
void write_to_journal(JobEventKind event, const job::Peer& caller, const job::Job& job,
                      const job::Transfer& transfer) {
  if (event == JobEventKind::accepted)
    journal::changed(message_id::job_accepted, "accepted", caller, job, transfer,
                     fmt::format("is accepted from uid {}", job.peer.uid));
  else
    journal::changed(message_id::job_resumed, "resumed", caller, job, transfer, "is tried anew");
}

}  // namespace

void Admission::set_limits(std::uint32_t limit, PerUser<std::uint32_t> limit_per_user) {
  m_limit = limit;
  m_limit_per_user = std::move(limit_per_user);
}

std::optional<control::Refusal> Admission::objection(uid_t uid) const {
  const auto most = m_limit_per_user.of(uid);
  const auto entering = m_entering.find(uid);
  if (m.transfers.jobs_of(uid) + (entering == m_entering.end() ? 0 : entering->second) >= most)
    return control::LimitReached{"queue.limit_per_user", most};
  if (m.transfers.jobs().size() + m_all_entering >= m_limit) return control::QueueFull{m_limit};
  return std::nullopt;
}

void Admission::leave_way(const job::Job& job) {
  --m_all_entering;
  const auto entering = m_entering.find(job.peer.uid);
  if (--entering->second == 0) m_entering.erase(entering);
}

Record& Admission::transfer_for(job::Job& job, const job::Spec& spec, job::SharedFd file) {
  job.direct = false;
  if (auto* const equal = m.transfers.find_equal(spec, job.peer.uid)) return *equal;
  job::Transfer transfer;
  transfer.id = m.ledger.next_transfer();
  transfer.spec = spec;
  job.direct = file != nullptr;
  if (file) transfer.into = m.files.hold(job.id, job.peer.uid, std::move(file));
  return m.transfers.add(std::move(transfer));
}

void Admission::accept(job::Job job, const Resolved& resolved, job::SharedFd file, Reply<View> reply) {
  m_thread.check();
  job.id = m.ledger.next_job();
  job.created = m.clock.realtime();
  if (const auto* const artifact = fresh(job, resolved))
    return accept_fresh(std::move(job), resolved, artifact->size, reply);
  // What has a name goes to the library.
  auto change = begin_to_join(job, resolved.spec, resolved.spec.name.empty() ? std::move(file) : nullptr);
  change.new_jobs.push_back(job);
  m.ledger.commit(std::move(change), [this, job = std::move(job), reply = std::move(reply)](
                                         const std::exception_ptr& error, const auto& known) mutable {
    leave_way(job);
    if (error || known) {
      give_back(job.transfer);
      return error ? reply(refuse(store_failed(error))) : answer_known(*known, reply);
    }
    crash_point("accept.stored");
    const auto caller = job.peer;
    enter(std::move(job), JobEventKind::accepted, caller, reply);
  });
}

Change Admission::begin_to_join(job::Job& job, const job::Spec& spec, job::SharedFd file) {
  auto& record = transfer_for(job, spec, std::move(file));
  job.transfer = record.id();
  ++record.joining;
  ++m_all_entering;
  ++m_entering[job.peer.uid];
  // Also one that is known already: the job that it was made for may not get in.
  Change change;
  change.new_transfers.push_back(record.transfer);
  return change;
}

void Admission::give_back(job::Id transfer) {
  auto& record = m.transfers.at(transfer);
  --record.joining;
  m.transfers.drop_if_unused(record);
}

void Admission::enter(job::Job entering, JobEventKind event, const job::Peer& caller,
                      const Reply<View>& reply) {
  m_thread.check();
  --m.transfers.at(entering.transfer).joining;
  const auto& job = join(std::move(entering));
  auto& record = m.transfers.of(job);
  write_to_journal(event, caller, job, record.transfer);
  m.runner.wanted(record);
  m.transfers.tell(job, record, event);
  reply(m.views.of(job, record));
  crash_point("accept.said");
  m.runner.pump();
}

job::Job& Admission::join(job::Job joining) {
  auto& job = m.transfers.join(std::move(joining));
  // The transfer may have ended while the job was being written down.
  return m.transfers.of(job).has_ended() ? rejoin(job) : job;
}

job::Job& Admission::rejoin(job::Job& joining) {
  auto job = joining;
  const auto id = job.id;
  auto& left = m.transfers.of(job);
  auto& record = transfer_for(job, left.transfer.spec);
  m.transfers.leave(id);
  job.transfer = record.id();
  const auto left_id = left.id();
  auto& rejoined = m.transfers.join(std::move(job));
  m.transfers.drop_if_unused(left);
  m.ledger.commit_eventually(
      [this, id, left_id, transfer = record.id()]() -> std::optional<Change> {
        Change change;
        if (const auto* const entry = m.transfers.find(transfer))
          change.new_transfers.push_back(entry->transfer);
        const auto* const current = m.transfers.find_job(id);
        if (current != nullptr && !is_ending(*current, m.transfers.of(*current)))
          change.jobs.push_back(*current);
        change.left.push_back(left_id);
        return change;
      },
      nullptr);
  crash_point("join.dropped");
  return rejoined;
}

void Admission::answer_known(const store::StoredJob& known, const Reply<View>& reply) {
  if (const auto* const current = m.transfers.find_job(known.job.id))
    return reply(m.views.of(*current, m.transfers.of(*current)));
  reply(m.views.of(known.job, known.transfer));
}

const job::Artifact* Admission::fresh(const job::Job& job, const Resolved& resolved) const {
  const auto& spec = resolved.spec;
  if (spec.name.empty() || job.force) return nullptr;
  const auto* const artifact = m.artifacts.present(spec);
  if (artifact == nullptr) return nullptr;
  if (!resolved.fresh_for) return spec.digest ? artifact : nullptr;
  const auto age = m.clock.realtime() - artifact->fetched_at;
  // A time of fetching that lies ahead means that the clock was set: nothing is known of the age then.
  return age.count() >= 0 && age < *resolved.fresh_for ? artifact : nullptr;
}

void Admission::accept_fresh(job::Job job, const Resolved& resolved, std::uint64_t size,
                             const Reply<View>& reply) {
  job::Transfer transfer;
  transfer.id = job.transfer = m.ledger.next_transfer();
  transfer.spec = resolved.spec;
  transfer.phase = job::Ended{job::End::done, true};
  transfer.size = size;
  job.standing = job::Standing::done;
  job.finished = job.created;
  Change change;
  if (job.token.empty()) {
    change.numbered_job = job.id;
    change.numbered_transfer = transfer.id;
  } else {
    change.new_transfers.push_back(transfer);
    change.new_jobs.push_back(job);
  }
  m.ledger.commit(std::move(change), [this, job = std::move(job), transfer = std::move(transfer), reply](
                                         const std::exception_ptr& error, const auto& known) {
    if (error) return reply(refuse(store_failed(error)));
    if (known) return answer_known(*known, reply);
    crash_point("accept.fresh_stored");
    write_to_journal(JobEventKind::accepted, job.peer, job, transfer);
    journal::done(job, transfer, {});
    m.transfers.count_done();
    if (job.token.empty()) m_answered.put({job, transfer});
    const auto view = m.views.of(job, transfer);
    m.transfers.tell(view, JobEventKind::done);
    reply(view);
  });
}

void Admission::refuse_unless_known(const job::Request& request, const job::Peer& peer,
                                    control::Refusal refusal, Reply<View> reply) {
  if (!request.token || request.token->empty()) return reply(tl::unexpected(std::move(refusal)));
  m.ledger.flush();
  m.storage.find_token(peer.uid, *request.token,
                       [this, refusal = std::move(refusal), reply = std::move(reply)](const auto& found) {
                         if (!found || !*found) return reply(tl::unexpected(refusal));
                         answer_known(**found, reply);
                       });
}

void Admission::readmit(store::StoredJob ended, const job::Peer& caller, Reply<View> reply) {
  m_thread.check();
  auto job = std::move(ended.job);
  job.standing = job::Standing::active;
  job.finished = {};
  auto change = begin_to_join(job, ended.transfer.spec);
  change.returning.push_back(job);
  change.left.push_back(ended.transfer.id);
  m.ledger.commit(std::move(change), [this, job, caller, reply = std::move(reply)](
                                         const std::exception_ptr& error, const auto&) {
    leave_way(job);
    if (error) {
      give_back(job.transfer);
      return reply(refuse(store_failed(error)));
    }
    crash_point("retry.stored");
    // Asked for twice, it is here already.
    if (const auto* const current = m.transfers.find_job(job.id)) {
      give_back(job.transfer);
      return reply(m.views.of(*current, m.transfers.of(*current)));
    }
    enter(job, JobEventKind::resumed, caller, reply);
  });
}

}  // namespace concd::queue
