#pragma once

#include "library/state_folder.hpp"
#include "queue/storage.hpp"
#include "store/store.hpp"

namespace concd::queue {

/// The store as the queue's storage. Main thread.
class StoreStorage final : public Storage {
 public:
  /// Borrows both.
  StoreStorage(store::Store& store, const library::StateFolder& folder) : m_store(store), m_folder(folder) {}

  void write(std::vector<Entry> entries, Written written) override;
  void find_job(job::Id id, Found<std::optional<store::StoredJob>> found) override;
  void find_token(uid_t uid, const std::string& token, Found<std::optional<store::StoredJob>> found) override;
  void newest_jobs(std::optional<job::Id> before, std::size_t limit,
                   Found<std::vector<store::StoredJob>> found) override;
  void unheld(std::vector<job::Id> transfers, Found<std::vector<job::Id>> found) override;
  void prune(const store::Keep& keep, Microseconds seen, Found<Pruned> found) override;

 private:
  /// Runs `look` on the store's thread and `found` with what it returns on this one.
  template <typename T, typename Look>
  void read(Look look, Found<T> found);

  store::Store& m_store;
  const library::StateFolder& m_folder;
};

}  // namespace concd::queue
