#include "queue/store_storage.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>

#include <spdlog/fmt/fmt.h>

#include "util/crash_point.hpp"
#include "util/file.hpp"

namespace concd::queue {
namespace {

void apply(store::Queries& queries, Entry& entry) {
  const auto& change = entry.change;
  if (!change.new_jobs.empty() && !change.new_jobs.front().token.empty()) {
    const auto& job = change.new_jobs.front();
    entry.known = queries.job_by_token(job.peer.uid, job.token);
    if (entry.known) return;
  }
  for (const auto& transfer : change.new_transfers) queries.insert_transfer(transfer);
  for (const auto& transfer : change.transfers) queries.update_transfer(transfer);
  for (const auto& job : change.new_jobs) queries.insert_job(job);
  for (const auto& job : change.jobs) queries.update_job(job);
  for (const auto& job : change.jobs) queries.forget_secrets(job.transfer);
  for (const auto& job : change.returning) {
    if (!queries.job_by_id(job.id))
      throw std::runtime_error(fmt::format("job {} has just been removed", job.id));
    queries.update_job(job);
  }
  for (const auto transfer : change.left) queries.delete_unused_transfer(transfer);
  if (change.numbered_job != 0) queries.keep_ids({change.numbered_job, change.numbered_transfer});
  if (change.artifact) queries.put_artifact(*change.artifact);
  if (change.checkpoint)
    queries.update_checkpoint(change.checkpoint->transfer, change.checkpoint->checkpoint);
}

/// Makes the names of partial files last, once for all changes of a group that tell of their bytes.
class Naming {
 public:
  explicit Naming(std::filesystem::path folder) : m_folder(std::move(folder)) {}

  /// Store thread. Throws std::system_error, for each of the changes.
  void sync() {
    if (std::exchange(m_tried, true)) {
      if (m_error) std::rethrow_exception(m_error);
      return;
    }
    try {
      sync_folder(m_folder);
      crash_point("partials.named");
    } catch (const std::system_error&) {
      m_error = std::current_exception();
      throw;
    }
  }

 private:
  std::filesystem::path m_folder;
  bool m_tried = false;
  std::exception_ptr m_error;
};

}  // namespace

void StoreStorage::write(std::vector<Entry> entries, Written written) {
  const auto group = std::make_shared<std::vector<Entry>>(std::move(entries));
  const auto naming = std::make_shared<Naming>(m_folder.partials());
  std::vector<store::Store::Posted> works;
  works.reserve(group->size() + 1);
  for (std::size_t i = 0; i < group->size(); ++i)
    works.push_back({[group, i, naming](store::Queries& queries) {
                       auto& change = (*group)[i];
                       if (change.change.names_partial()) naming->sync();
                       apply(queries, change);
                     },
                     [group, i](const std::exception_ptr& error) { (*group)[i].error = error; }});
  works.push_back({nullptr, [group, written = std::move(written)](const std::exception_ptr&) {
                     written(std::move(*group));
                   }});
  m_store.post(std::move(works));
}

template <typename T, typename Look>
void StoreStorage::read(Look look, Found<T> found) {
  const auto result = std::make_shared<T>();
  m_store.post([result, look = std::move(look)](store::Queries& queries) { *result = look(queries); },
               [result, found = std::move(found)](const std::exception_ptr& error) {
                 if (error) return found(tl::unexpected(error));
                 found(std::move(*result));
               });
}

void StoreStorage::find_job(job::Id id, Found<std::optional<store::StoredJob>> found) {
  read([id](store::Queries& queries) { return queries.job_by_id(id); }, std::move(found));
}

void StoreStorage::find_token(uid_t uid, const std::string& token,
                              Found<std::optional<store::StoredJob>> found) {
  read([uid, token](store::Queries& queries) { return queries.job_by_token(uid, token); }, std::move(found));
}

void StoreStorage::newest_jobs(std::optional<job::Id> before, std::size_t limit,
                               Found<std::vector<store::StoredJob>> found) {
  read([before, limit](store::Queries& queries) { return queries.newest_jobs(before, limit); },
       std::move(found));
}

void StoreStorage::unheld(std::vector<job::Id> transfers, Found<std::vector<job::Id>> found) {
  read(
      [transfers = std::move(transfers)](store::Queries& queries) {
        auto without = transfers;
        std::erase_if(without, [&](job::Id id) { return queries.holders_of_transfer(id) > 0; });
        return without;
      },
      std::move(found));
}

void StoreStorage::prune(const store::Keep& keep, Microseconds seen, Found<Pruned> found) {
  read(
      [keep, seen](store::Queries& queries) {
        const auto jobs = queries.prunable_jobs(keep);
        Pruned pruned;
        for (const auto& job : jobs) {
          queries.delete_job(job.id);
          if (queries.holders_of_transfer(job.transfer) == 0) pruned.unheld.push_back(job.transfer);
          queries.delete_unused_transfer(job.transfer);
        }
        queries.put_seen(seen);
        pruned.more = queries.shrink() || jobs.size() == store::k_prune_limit;
        return pruned;
      },
      std::move(found));
}

}  // namespace concd::queue
