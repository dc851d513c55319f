#include "store/store.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <spdlog/spdlog.h>

#include "lib/sqlite/database.hpp"
#include "lib/sqlite/error.hpp"
#include "lib/sqlite/transaction.hpp"
#include "store/error.hpp"
#include "store/held_file.hpp"
#include "store/open.hpp"
#include "store/queries.hpp"
#include "util/crash_point.hpp"
#include "util/start_thread.hpp"

namespace concd::store {
namespace {

/// How often an idle store looks whether its file is still there, and any empties its log of what is
/// forgotten.
constexpr auto k_look_interval = std::chrono::seconds(5);

struct Post : Store::Posted {
  std::exception_ptr error{};
};
using Batch = std::vector<Post>;

void report(Batch& batch) {
  for (auto& post : batch)
    if (post.done) post.done(post.error);
}

/// Whether the database and its log are where everybody else finds them.
class Whereabouts {
 public:
  /// `told` hears of every change.
  Whereabouts(const std::filesystem::path& file, std::function<void(bool is_lost)> told)
      : m_files{HeldFile(file), HeldFile(file.string() + "-wal")}, m_told(std::move(told)) {}

  bool are_lost() {
    const bool is_lost = !std::ranges::all_of(m_files, &HeldFile::is_in_place);
    if (std::exchange(m_is_lost, is_lost) != is_lost) m_told(is_lost);
    return is_lost;
  }
  [[nodiscard]] const std::filesystem::path& database() const { return m_files[0].path(); }

 private:
  const std::array<HeldFile, 2> m_files;
  std::function<void(bool is_lost)> m_told;
  bool m_is_lost = false;  ///< as was told last
};

/// What was overwritten in the database is still in its log until that begins anew: this sees to that, at
/// once, but not again and again in a burst.
class LogEmptier {
 public:
  explicit LogEmptier(sqlite::Database& database) : m_database(database) {}

  void run(bool must) {
    m_must |= must;
    const auto now = std::chrono::steady_clock::now();
    if (!m_must || now < m_next) return;
    m_must = false;
    m_next = now + k_look_interval;
    try {
      m_database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (const sqlite::Error& error) {
      spdlog::warn("the log of the queue could not be emptied: {}", error.what());
    }
  }

 private:
  sqlite::Database& m_database;
  bool m_must = false;
  std::chrono::steady_clock::time_point m_next;
};

/// What waits for the store thread, under the mutex.
struct Inbox {
  std::mutex mutex;
  std::condition_variable wake;
  Batch waiting;
  bool stopping = false;
};

}  // namespace

class Store::Impl {
 public:
  Impl(const std::filesystem::path& file, Deliver deliver, Moved moved)
      : m_database(open_database(file)),
        m_queries(m_database),
        m_savepoints(m_database),
        m_log(m_database),
        m_deliver(std::move(deliver)),
        m_whereabouts(file, [this, moved = std::move(moved)](bool is_lost) {
          if (moved) m_deliver([moved, is_lost] { moved(is_lost); });
        }) {
    m_thread = start_thread("store", [this] { run(); });
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ~Impl() {
    {
      const std::lock_guard lock(m_inbox.mutex);
      m_inbox.stopping = true;
    }
    m_inbox.wake.notify_one();
    m_thread.join();
  }

  void post(std::vector<Posted> works) {
    {
      const std::lock_guard lock(m_inbox.mutex);
      for (auto& work : works) m_inbox.waiting.push_back({std::move(work)});
    }
    m_inbox.wake.notify_one();
  }

  [[nodiscard]] std::uint64_t commits() const { return m_commits; }
  [[nodiscard]] Liveness& liveness() { return m_liveness; }

 private:
  void run();
  std::optional<Batch> take();
  void commit(Batch& batch);
  void run_alone(Post& post);
  void deliver(Batch batch);

  sqlite::Database m_database;  // with the three below: only the store thread's once it runs
  Queries m_queries;
  sqlite::Savepoint::Statements m_savepoints;
  LogEmptier m_log;
  Deliver m_deliver;
  Whereabouts m_whereabouts;  // the store thread's
  Liveness m_liveness;
  std::atomic<std::uint64_t> m_commits{0};

  Inbox m_inbox;
  std::thread m_thread;
};

void Store::Impl::run() {
  while (auto batch = take()) {
    if (batch->empty()) {
      (void)m_whereabouts.are_lost();
    } else {
      commit(*batch);
      deliver(std::move(*batch));
    }
    m_log.run(m_queries.has_forgotten());
  }
}

/// All that waits, or an empty batch when nothing has come for a while; none when the end is asked for and
/// nothing is left.
std::optional<Batch> Store::Impl::take() {
  auto& [mutex, wake, waiting, stopping] = m_inbox;
  std::unique_lock lock(mutex);
  m_liveness.idle();
  wake.wait_for(lock, k_look_interval, [this] { return m_inbox.stopping || !m_inbox.waiting.empty(); });
  m_liveness.beat();
  if (stopping && waiting.empty()) return std::nullopt;
  return std::exchange(waiting, {});
}

void Store::Impl::commit(Batch& batch) {
  try {
    sqlite::Transaction transaction(m_database);
    for (auto& post : batch) run_alone(post);
    crash_point("store.written");
    if (m_whereabouts.are_lost())
      throw StoreError(m_whereabouts.database().string() + " was deleted, moved or replaced");
    transaction.commit();
    crash_point("store.committed");
    ++m_commits;
  } catch (...) {
    const auto error = std::current_exception();
    for (auto& post : batch)
      if (!post.error) post.error = error;
  }
}

/// What one work throws is its own affair, unless it took the whole transaction with it.
void Store::Impl::run_alone(Post& post) {
  m_liveness.beat();
  if (!post.work) return;
  sqlite::Savepoint savepoint(m_savepoints);
  try {
    post.work(m_queries);
    savepoint.keep();
  } catch (...) {
    // SQLite rolls all back by itself when the disk is full or fails,
    // <https://sqlite.org/lang_transaction.html>.
    if (!m_database.in_transaction()) throw;
    post.error = std::current_exception();
  }
}

void Store::Impl::deliver(Batch batch) {
  // What the works hold ends here and not on the main thread.
  for (auto& post : batch) post.work = nullptr;
  m_deliver([shared = std::make_shared<Batch>(std::move(batch))] { report(*shared); });
}

Store::Store(const std::filesystem::path& file, Deliver deliver, Moved moved)
    : m_impl(std::make_unique<Impl>(file, std::move(deliver), std::move(moved))) {}

Store::~Store() = default;

void Store::post(Work work, Done done) {
  std::vector<Posted> works;
  works.push_back({std::move(work), std::move(done)});
  post(std::move(works));
}

void Store::post(std::vector<Posted> works) {
  m_impl->post(std::move(works));
}

std::uint64_t Store::commits() const {
  return m_impl->commits();
}

Liveness& Store::liveness() {
  return m_impl->liveness();
}

}  // namespace concd::store
