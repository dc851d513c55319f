#include "queue/answered.hpp"

namespace concd::queue {
namespace {

/// More than a program asks for at once and then looks at.
constexpr std::size_t k_kept_per_user = 256;

}  // namespace

void Answered::put(const store::StoredJob& stored) {
  const auto id = stored.job.id;
  auto& ids = m_of_user[stored.job.peer.uid];
  m_jobs.insert_or_assign(id, stored);
  ids.push_back(id);
  if (ids.size() <= k_kept_per_user) return;
  m_jobs.erase(ids.front());
  ids.pop_front();
}

const store::StoredJob* Answered::find(job::Id id) const {
  const auto found = m_jobs.find(id);
  return found == m_jobs.end() ? nullptr : &found->second;
}

}  // namespace concd::queue
