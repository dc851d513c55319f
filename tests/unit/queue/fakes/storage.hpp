#pragma once

#include <deque>
#include <map>
#include <string>

#include "queue/storage.hpp"

namespace concd::test {

/// The queue's storage on maps. Changes happen when they are asked for; what is answered waits until the test
/// calls answer().
class FakeStorage final : public queue::Storage {
 public:
  std::map<job::Id, job::Transfer> transfers;
  std::map<job::Id, job::Job> jobs;
  std::map<std::string, job::Artifact> artifacts;
  bool disk_is_full = false;        ///< no entry can be written
  bool is_damaged = false;          ///< nothing can be read
  bool unheld_fails = false;        ///< unheld() cannot be read
  std::vector<std::size_t> groups;  ///< how many entries each write had
  std::size_t prune_limit = store::k_prune_limit;
  store::Keep kept;     ///< as asked for last
  Microseconds seen{};  ///< as kept last

  /// Gives the oldest answer; false when there is none.
  bool answer_one();

  void write(std::vector<queue::Entry> entries, Written written) override;
  void find_job(job::Id id, queue::Found<std::optional<store::StoredJob>> found) override;
  void find_token(uid_t uid, const std::string& token,
                  queue::Found<std::optional<store::StoredJob>> found) override;
  void newest_jobs(std::optional<job::Id> before, std::size_t limit,
                   queue::Found<std::vector<store::StoredJob>> found) override;
  void unheld(std::vector<job::Id> wanted, queue::Found<std::vector<job::Id>> found) override;
  void prune(const store::Keep& keep, Microseconds seen, queue::Found<Pruned> found) override;

 private:
  void apply(queue::Entry& entry);
  void put(const job::Job& job);
  [[nodiscard]] std::optional<store::StoredJob> by_token(uid_t uid, const std::string& token) const;
  [[nodiscard]] bool is_held(job::Id transfer) const;
  template <typename T>
  void answer_later(T value, queue::Found<T> found);

  std::deque<std::function<void()>> m_answers;
};

}  // namespace concd::test
