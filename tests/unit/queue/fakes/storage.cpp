#include "unit/queue/fakes/storage.hpp"

#include <algorithm>
#include <stdexcept>

namespace concd::test {
namespace {

using queue::Entry;
using queue::Found;
using store::StoredJob;

const auto k_full = std::make_exception_ptr(std::runtime_error("database or disk is full"));
const auto k_damaged = std::make_exception_ptr(std::runtime_error("database disk image is malformed"));

}  // namespace

bool FakeStorage::answer_one() {
  if (m_answers.empty()) return false;
  const auto answer = std::move(m_answers.front());
  m_answers.pop_front();
  answer();
  return true;
}

template <typename T>
void FakeStorage::answer_later(T value, Found<T> found, bool fails) {
  m_answers.emplace_back([damaged = is_damaged || fails, value = std::move(value), found = std::move(found)] {
    damaged ? found(tl::unexpected(k_damaged)) : found(value);
  });
}

void FakeStorage::write(std::vector<Entry> entries, Written written) {
  groups.push_back(entries.size());
  for (auto& entry : entries) apply(entry);
  m_answers.emplace_back([entries = std::move(entries), written = std::move(written)] { written(entries); });
}

void FakeStorage::apply(Entry& entry) {
  const auto before = std::tuple(transfers, jobs, artifacts);
  const auto& change = entry.change;
  try {
    if (disk_is_full) std::rethrow_exception(k_full);
    if (!change.new_jobs.empty()) {
      const auto& job = change.new_jobs.front();
      if (entry.known = by_token(job.peer.uid, job.token); entry.known) return;
    }
    for (const auto& transfer : change.new_transfers) transfers.try_emplace(transfer.id, transfer);
    for (const auto& transfer : change.transfers)
      if (transfers.contains(transfer.id)) transfers[transfer.id] = transfer;
    for (const auto& job : change.new_jobs) put(job);
    for (const auto& job : change.jobs)
      if (jobs.contains(job.id)) put(job);
    for (const auto& job : change.returning) {
      if (!jobs.contains(job.id)) throw std::runtime_error("the job has just been removed");
      put(job);
    }
    for (const auto left : change.left)
      if (std::ranges::none_of(jobs, [left](const auto& held) { return held.second.transfer == left; }))
        transfers.erase(left);
    if (change.artifact) artifacts[change.artifact->name] = *change.artifact;
    if (change.checkpoint)
      if (const auto found = transfers.find(change.checkpoint->transfer); found != transfers.end())
        found->second.checkpoint = change.checkpoint->checkpoint;
  } catch (const std::exception&) {
    std::tie(transfers, jobs, artifacts) = before;
    entry.error = std::current_exception();
  }
}

void FakeStorage::put(const job::Job& job) {
  if (!transfers.contains(job.transfer)) throw std::runtime_error("FOREIGN KEY constraint failed");
  jobs[job.id] = job;
}

std::optional<StoredJob> FakeStorage::by_token(uid_t uid, const std::string& token) const {
  for (const auto& [id, job] : jobs)
    if (!token.empty() && job.peer.uid == uid && job.token == token)
      return StoredJob{job, transfers.at(job.transfer)};
  return std::nullopt;
}

bool FakeStorage::is_held(job::Id transfer) const {
  return std::ranges::any_of(jobs, [&](const auto& entry) {
    const auto& job = entry.second;
    if (job.transfer != transfer || job.released) return false;
    return job.standing == job::Standing::done ||
           (!job::has_ended(job.standing) &&
            !std::holds_alternative<job::Ended>(transfers.at(transfer).phase));
  });
}

void FakeStorage::find_job(job::Id id, Found<std::optional<StoredJob>> found) {
  const auto job = jobs.find(id);
  if (job == jobs.end()) return answer_later<std::optional<StoredJob>>({}, std::move(found));
  answer_later<std::optional<StoredJob>>(StoredJob{job->second, transfers.at(job->second.transfer)},
                                         std::move(found));
}

void FakeStorage::find_token(uid_t uid, const std::string& token, Found<std::optional<StoredJob>> found) {
  answer_later(by_token(uid, token), std::move(found));
}

void FakeStorage::newest_jobs(std::optional<job::Id> before, std::size_t limit,
                              Found<std::vector<StoredJob>> found) {
  std::vector<StoredJob> newest;
  for (auto next = jobs.rbegin(); next != jobs.rend() && newest.size() < limit; ++next)
    if (!before || next->first < *before)
      newest.insert(newest.begin(), {next->second, transfers.at(next->second.transfer)});
  answer_later(std::move(newest), std::move(found));
}

void FakeStorage::unheld(std::vector<job::Id> wanted, Found<std::vector<job::Id>> found) {
  std::erase_if(wanted, [this](job::Id id) { return is_held(id); });
  answer_later(std::move(wanted), std::move(found), unheld_fails);
}

void FakeStorage::prune(const store::Keep& keep, Microseconds now_seen, Found<Pruned> found) {
  kept = keep;
  seen = now_seen;
  std::map<uid_t, std::size_t> of_user;
  std::vector<job::Job> ended;
  for (const auto& [id, job] : jobs)
    if (job::has_ended(job.standing)) ended.push_back(job);
  std::ranges::sort(ended, std::greater{}, [](const auto& job) { return std::pair(job.finished, job.id); });
  Pruned pruned;
  std::size_t removed = 0;
  for (std::size_t i = 0; i < ended.size() && removed < prune_limit; ++i) {
    const auto uid = ended[i].peer.uid;
    const bool fits = i < keep.count && of_user[uid]++ < keep.count_per_user.of(uid);
    const bool settled = ended[i].standing == job::Standing::cancelled || ended[i].finished < keep.settled;
    if ((fits || !settled) && ended[i].finished >= keep.since) continue;
    ++removed;
    jobs.erase(ended[i].id);
    if (!is_held(ended[i].transfer)) pruned.unheld.push_back(ended[i].transfer);
  }
  pruned.more = removed == prune_limit;
  answer_later(std::move(pruned), std::move(found));
}

}  // namespace concd::test
