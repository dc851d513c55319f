#include "queue/transfers.hpp"

#include <algorithm>
#include <stdexcept>

#include <spdlog/fmt/fmt.h>

#include "util/crash_point.hpp"

namespace concd::queue {
namespace {

using job::Ended;
using job::Standing;

bool is_same(const job::Spec& a, const job::Spec& b) {
  return a.name == b.name && a.urls == b.urls && a.digest == b.digest && a.unpack == b.unpack;
}

/// While a caller's own file is published it is too late to have a copy made of it.
bool may_join(const job::Transfer& transfer, uid_t uid) {
  return !transfer.into || (transfer.into.uid == uid && !job::is<job::Publishing>(transfer.phase));
}

std::size_t key_of(const job::Spec& spec) {
  const std::hash<std::string> hash;
  auto key = hash(spec.name);
  for (const auto& url : spec.urls) key = key * 31 + hash(url);
  return key;
}

Standing standing_after(job::End end) {
  return end == job::End::done ? Standing::done : Standing::failed;
}

}  // namespace

Transfers::Transfers(const Clock& clock, Ledger& ledger, const Views& views, Listener& listener,
                     Cleaner cleaner, Cleaner released)
    : m_clock(clock),
      m_ledger(ledger),
      m_views(views),
      m_listener(listener),
      m_cleaner(std::move(cleaner)),
      m_released(std::move(released)) {}

job::Job* Transfers::find_job(job::Id id) {
  m_thread.check();
  const auto found = m_jobs.find(id);
  return found == m_jobs.end() ? nullptr : &found->second;
}

std::size_t Transfers::jobs_of(uid_t uid) const {
  const auto found = m_jobs_of_user.find(uid);
  return found == m_jobs_of_user.end() ? 0 : found->second;
}

Record* Transfers::find(job::Id transfer) {
  const auto found = m_records.find(transfer);
  return found == m_records.end() ? nullptr : &found->second;
}

Record* Transfers::find_equal(const job::Spec& spec, uid_t uid) {
  const auto [first, last] = m_by_key.equal_range(key_of(spec));
  for (auto candidate = first; candidate != last; ++candidate) {
    auto& record = m_records.at(candidate->second);
    if (is_same(record.transfer.spec, spec) && may_join(record.transfer, uid)) return &record;
  }
  return nullptr;
}

Record& Transfers::add(job::Transfer transfer) {
  m_thread.check();
  const auto id = transfer.id;
  auto& record = m_records[id];
  record.transfer = std::move(transfer);
  if (!record.has_ended()) m_by_key.emplace(key_of(record.transfer.spec), id);
  return record;
}

job::Job& Transfers::join(job::Job joining) {
  m_thread.check();
  const auto id = joining.id;
  if (!m_jobs.contains(id)) ++m_jobs_of_user[joining.peer.uid];
  auto& job = m_jobs[id] = std::move(joining);
  auto& record = of(job);
  (job.standing == Standing::paused ? record.paused : record.active).insert(id);
  return job;
}

void Transfers::leave(job::Id id) {
  m_thread.check();
  const auto found = m_jobs.find(id);
  auto& record = of(found->second);
  if (found->second.standing == Standing::cancelled) --record.leaving;
  record.active.erase(id);
  record.paused.erase(id);
  const auto of_user = m_jobs_of_user.find(found->second.peer.uid);
  if (--of_user->second == 0) m_jobs_of_user.erase(of_user);
  m_jobs.erase(found);
}

void Transfers::set_standing(job::Job& job, Standing standing) {
  m_thread.check();
  auto& record = of(job);
  record.active.erase(job.id);
  record.paused.erase(job.id);
  job.standing = standing;
  if (standing == Standing::cancelled)
    ++record.leaving;
  else
    (standing == Standing::paused ? record.paused : record.active).insert(job.id);
}

void Transfers::drop_if_unused(Record& record) {
  const auto* const ended = std::get_if<Ended>(&record.transfer.phase);
  if (record.live || !record.is_unwanted()) return;
  if (ended == nullptr) return move(record, Ended{job::End::cancelled, false});
  if (!ended->recorded || record.leaving > 0) return;
  m_released(record.transfer);
  m_records.erase(record.id());
}

void Transfers::move(Record& record, job::Phase to, ArtifactMaker artifact) {
  m_thread.check();
  auto& phase = record.transfer.phase;
  if (!job::may_move(phase, to))
    throw std::logic_error(fmt::format("transfer {} cannot go from {} to {}", record.id(),
                                       job::to_string(phase), job::to_string(to)));
  const auto from = std::exchange(phase, std::move(to));
  if (const auto* const ended = std::get_if<Ended>(&phase); ended != nullptr && !ended->recorded)
    return record_end(record, std::move(artifact));
  if (job::is<job::Waiting>(phase) || job::is<job::Paused>(phase)) save(record);
  announce(record, from);
}

void Transfers::announce(const Record& record, const job::Phase& from) {
  const auto& phase = record.transfer.phase;
  const auto* const running = std::get_if<job::Running>(&phase);
  const auto* const waiting = std::get_if<job::Waiting>(&phase);
  const auto* const waited = std::get_if<job::Waiting>(&from);
  for (const auto id : record.active) {
    const auto& job = m_jobs.at(id);
    if (running != nullptr && running->confirmed) journal::started(job, record);
    if (waiting != nullptr) journal::waits(job, record.transfer, *waiting, m_clock.realtime());
    if (waited != nullptr) journal::waits_no_more(job, record.transfer, *waited);
  }
  if (running != nullptr && running->confirmed) tell(record, JobEventKind::started);
  if (waiting != nullptr) tell(record, JobEventKind::waiting);
  if (job::is<job::Queued>(phase)) tell(record, JobEventKind::queued);
  if (job::is<job::Publishing>(phase)) tell(record, JobEventKind::publishing);
}

void Transfers::record_end(Record& record, ArtifactMaker artifact) {
  const auto id = record.id();
  m_cleaner(record.transfer);
  record.transfer.checkpoint = {};
  record.stalled_until.reset();
  for (auto [first, last] = m_by_key.equal_range(key_of(record.transfer.spec)); first != last; ++first)
    if (first->second == id) {
      m_by_key.erase(first);
      break;
    }
  for (const auto member : record.active) m_jobs.at(member).finished = m_clock.realtime();
  crash_point("end.decided");
  m_ledger.commit_eventually(
      [this, id, artifact = std::move(artifact)] {
        auto change = rows_of(id);
        if (change && artifact) change->artifact = artifact();
        return change;
      },
      [this, id] { finish(id); });
}

void Transfers::finish(job::Id transfer) {
  crash_point("end.stored");
  auto& record = m_records.at(transfer);
  const auto end = std::get<Ended>(record.transfer.phase).end;
  move(record, Ended{end, true});
  for (const auto id : record.active.all()) finish(m_jobs.at(id), record, end);
  record.live.reset();
  drop_if_unused(record);
  crash_point("end.said");
}

void Transfers::finish(job::Job& job, const Record& record, job::End end) {
  const auto took = record.live ? m_clock.monotonic() - record.live->start : Microseconds{};
  job.standing = standing_after(end);
  if (end == job::End::done) {
    ++m_done;
    journal::done(job, record.transfer, took);
  } else {
    ++m_failed;
    journal::failed(job, record.transfer, record.live ? record.live->progress.received : 0, took);
  }
  tell(job, record, end == job::End::done ? JobEventKind::done : JobEventKind::failed);
  leave(job.id);
}

void Transfers::save(const Record& record) {
  m_ledger.commit_eventually([this, id = record.id()] { return rows_of(id); },
                             [] { crash_point("state.stored"); });
}

void Transfers::lose_file(Record& record) {
  auto& transfer = record.transfer;
  m_released(transfer);
  const auto lost = std::exchange(transfer.into, {});
  record.last_part = std::max(record.last_part, job::CallersFile::k_part);
  if (transfer.checkpoint.part == job::CallersFile::k_part) transfer.checkpoint = {};
  auto* const job = find_job(lost.job);
  if (job != nullptr) {
    job->direct = false;
    journal::file_lost(*job, transfer);
  }
  m_ledger.commit_eventually(
      [this, id = record.id(), lost] {
        auto change = rows_of(id);
        const auto* const of = m_jobs.contains(lost.job) ? &m_jobs.at(lost.job) : nullptr;
        if (change && change->jobs.empty() && of != nullptr) change->jobs.push_back(*of);
        return change;
      },
      [] { crash_point("file.lost"); });
}

std::optional<Change> Transfers::rows_of(job::Id transfer) const {
  const auto found = m_records.find(transfer);
  if (found == m_records.end()) return std::nullopt;
  const auto& record = found->second;
  const auto* const ended = std::get_if<Ended>(&record.transfer.phase);
  Change change;
  change.transfers.push_back(record.transfer);
  if (ended == nullptr) return change;
  for (const auto id : record.active) {
    change.jobs.push_back(m_jobs.at(id));
    change.jobs.back().standing = standing_after(ended->end);
  }
  return change;
}

void Transfers::tell(const Record& record, JobEventKind event) {
  for (const auto id : record.active) tell(m_jobs.at(id), record, event);
}

void Transfers::tell(const job::Job& job, const Record& record, JobEventKind event) {
  m_listener.touched();
  if (m_listener.watches(job.id)) m_listener.changed(event, m_views.of(job, record));
}

void Transfers::tell(const job::View& view, JobEventKind event) {
  m_listener.touched();
  if (m_listener.watches(view.id)) m_listener.changed(event, view);
}

job::Priority Transfers::priority(const Record& record) const {
  auto highest = job::Priority::low;
  for (const auto id : record.active) highest = std::max(highest, m_jobs.at(id).priority);
  return highest;
}

std::vector<uid_t> Transfers::users(const Record& record) const {
  std::vector<uid_t> users;
  for (const auto id : record.active) users.push_back(m_jobs.at(id).peer.uid);
  std::ranges::sort(users);
  const auto repeated = std::ranges::unique(users);
  users.erase(repeated.begin(), repeated.end());
  return users;
}

bool Transfers::is_forced(const Record& record) const {
  return std::ranges::any_of(record.active, [this](job::Id id) { return m_jobs.at(id).force; });
}

}  // namespace concd::queue
