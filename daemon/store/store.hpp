#pragma once

#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "util/liveness.hpp"

namespace concd::store {

class Queries;

/// The store thread: it owns the only SQLite connection and runs what is posted to it, in order. All that is
/// waiting when it looks runs in one transaction (group commit); nothing is reported before that is on disk.
/// While its file has been deleted, moved or replaced nothing is committed: whatever is posted fails.
class Store {
 public:
  using Work = std::function<void(Queries&)>;
  /// `error` is null when the work is committed; otherwise nothing of it has happened: it holds what the work
  /// threw or the sqlite::Error of the commit. May be empty.
  using Done = std::function<void(std::exception_ptr error)>;
  /// Brings a call onto the main thread; Instance gives event::Mailbox::post.
  using Deliver = std::function<void(std::function<void()>)>;

  /// Hears, on the main thread, that the file is no longer where it was, or is there again.
  using Moved = std::function<void(bool is_lost)>;

  /// Opens or makes the database, migrates it, and starts the thread. Throws StoreError with a sentence that
  /// names the file when it is unreadable, damaged or of a newer version; the file is then untouched.
  Store(const std::filesystem::path& file, Deliver deliver, Moved moved = nullptr);
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  /// Runs and commits what was posted, then ends the thread and closes the database.
  ~Store();

  /// A work, which may be null, and who hears how it went.
  struct Posted {
    Work work;
    Done done;
  };

  /// Any thread. Runs `work` on the store thread and `done`, through Deliver, once it is committed or undone.
  void post(Work work, Done done);
  /// The same for several, in this order and in one transaction.
  void post(std::vector<Posted> works);

  /// Any thread. Transactions that were committed since the start.
  [[nodiscard]] std::uint64_t commits() const;

  /// For the watchdog.
  [[nodiscard]] Liveness& liveness();

 private:
  class Impl;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace concd::store
