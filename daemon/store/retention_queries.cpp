// What is kept, and how what is not is removed.

#include <map>

#include <spdlog/fmt/fmt.h>

#include "lib/sqlite/values.hpp"
#include "store/column_value.hpp"
#include "store/queries.hpp"
#include "store/statements.hpp"
#include "util/url.hpp"

namespace concd::store {
namespace {

using sqlite::Parameters;
using sqlite::Statement;

// The same words as in the partial indices, or SQLite would not use them.
constexpr auto k_ended = "standing IN ('done', 'failed', 'cancelled')";

/// Pages of 4 KiB that the file may have to spare: what the next jobs take.
constexpr std::int64_t k_many_free_pages = 1024;

/// Those that ended before the newest, which are parameters: how many, and since when none goes for others.
std::string beyond_of(std::string_view whose) {
  return fmt::format(
      "SELECT id, transfer FROM (SELECT id, transfer, standing, finished FROM job WHERE {}{} ORDER BY "
      "finished "
      "DESC, id DESC LIMIT -1 OFFSET ?) WHERE standing = 'cancelled' OR finished < ?",
      whose, k_ended);
}

}  // namespace

Microseconds Queries::seen() {
  const auto select = m_statements->use("SELECT seen FROM clock");
  return Microseconds(select->step() ? select->integer(0) : 0);
}

void Queries::put_seen(Microseconds time) {
  const auto put = m_statements->use("INSERT OR REPLACE INTO clock (id, seen) VALUES (0, ?)");
  Parameters(*put).integer(time.count());
  put->run();
}

std::vector<Prunable> Queries::prunable_jobs(const Keep& keep) {
  std::map<job::Id, job::Id> jobs;
  const auto collect = [&jobs](Statement& select) {
    while (jobs.size() < k_prune_limit && select.step()) jobs.emplace(select.integer(0), select.integer(1));
  };
  // Each reads an index of ended jobs only.
  static const auto k_old = fmt::format("SELECT id, transfer FROM job WHERE {} AND finished < ?", k_ended);
  const auto old = m_statements->use(k_old);
  Parameters(*old).integer(keep.since.count());
  collect(*old);
  static const auto k_beyond = beyond_of("");
  const auto beyond = m_statements->use(k_beyond);
  Parameters(*beyond).integer(static_cast<std::int64_t>(keep.count)).integer(keep.settled.count());
  collect(*beyond);
  static const auto k_users = fmt::format("SELECT DISTINCT uid FROM job WHERE {}", k_ended);
  static const auto k_beyond_of_user = beyond_of("uid = ? AND ");
  const auto users = m_statements->use(k_users);
  while (users->step()) {
    const auto uid = users->integer(0);
    const auto beyond_of_user = m_statements->use(k_beyond_of_user);
    Parameters(*beyond_of_user)
        .integer(uid)
        .integer(keep.count_per_user.of(static_cast<uid_t>(uid)))
        .integer(keep.settled.count());
    collect(*beyond_of_user);
  }
  std::vector<Prunable> prunable;
  for (const auto& [job, transfer] : jobs) prunable.push_back({job, transfer});
  return prunable;
}

void Queries::delete_job(job::Id id) {
  const auto remove = m_statements->use("DELETE FROM job WHERE id = ?");
  Parameters(*remove).integer(id);
  remove->run();
}

void Queries::forget_secrets(job::Id transfer) {
  const auto select = m_statements->use(
      "SELECT urls FROM transfer WHERE id = ?1 AND phase = 'done' AND NOT EXISTS"
      " (SELECT 1 FROM job WHERE transfer = ?1 AND standing IN ('active', 'paused'))");
  Parameters(*select).integer(transfer);
  std::vector<std::string> urls;
  if (!select->step() || !get(*select, 0, urls)) return;
  auto without = urls;
  for (auto& url : without) url = redact_url(url);
  if (without == urls) return;
  const auto update = m_statements->use("UPDATE transfer SET urls = ? WHERE id = ?");
  put(*update, 1, without);
  update->bind(2, transfer);
  update->run();
  m_has_forgotten = true;
}

bool Queries::shrink() {
  const auto free_pages = [this] {
    const auto count = m_statements->use("PRAGMA freelist_count");
    return count->step() ? count->integer(0) : 0;
  };
  const auto before = free_pages();
  if (before < k_many_free_pages) return false;
  // It gives back a page a step.
  m_statements->use(fmt::format("PRAGMA incremental_vacuum({})", k_many_free_pages / 2))->run();
  return free_pages() < before;
}

}  // namespace concd::store
