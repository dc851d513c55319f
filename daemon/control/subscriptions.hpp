#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "control/news.hpp"
#include "job/id.hpp"
#include "util/thread_checker.hpp"

namespace concd::control {

/// Who wants to hear of which job. Main thread.
class Subscriptions {
  struct Entry;

 public:
  using Watcher = std::function<void(const News&)>;

  /// Ends the watching when it is destroyed, which the watcher itself may do. Outlived by the Subscriptions.
  class Subscription {
   public:
    Subscription(Subscription&&) noexcept = default;
    Subscription& operator=(Subscription&&) = delete;
    ~Subscription();

   private:
    friend class Subscriptions;
    Subscription(Subscriptions& owner, std::shared_ptr<Entry> entry)
        : m_owner(&owner), m_entry(std::move(entry)) {}

    Subscriptions* m_owner;
    std::shared_ptr<Entry> m_entry;
  };

  [[nodiscard]] Subscription watch_job(job::Id id, Watcher watcher);
  [[nodiscard]] Subscription watch_all(Watcher watcher);
  /// Whether somebody hears of the job: where nobody does, an event need not be made.
  [[nodiscard]] bool watches(job::Id id) const;
  /// Calls every watcher of the job, and those of all jobs.
  void notify(const News& news);

 private:
  using Entries = std::vector<std::shared_ptr<Entry>>;

  [[nodiscard]] Subscription add(job::Id id, Watcher watcher);
  void remove(const Entry& entry);

  std::unordered_map<job::Id, Entries> m_entries;  ///< by job; those of all jobs under 0, which no job has
  [[no_unique_address]] ThreadChecker m_thread;
};

}  // namespace concd::control
