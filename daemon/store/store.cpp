#include "store/store.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "lib/sqlite/database.hpp"
#include "lib/sqlite/transaction.hpp"
#include "store/open.hpp"
#include "store/queries.hpp"
#include "util/crash_point.hpp"
#include "util/start_thread.hpp"

namespace concd::store {
namespace {

struct Post : Store::Posted {
  std::exception_ptr error{};
};
using Batch = std::vector<Post>;

void report(Batch& batch) {
  for (auto& post : batch)
    if (post.done) post.done(post.error);
}

}  // namespace

class Store::Impl {
 public:
  Impl(const std::filesystem::path& file, Deliver deliver)
      : m_database(open_database(file)),
        m_queries(m_database),
        m_savepoints(m_database),
        m_deliver(std::move(deliver)) {
    m_thread = start_thread("store", [this] { run(); });
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ~Impl() {
    {
      const std::lock_guard lock(m_mutex);
      m_stopping = true;
    }
    m_wake.notify_one();
    m_thread.join();
  }

  void post(std::vector<Posted> works) {
    {
      const std::lock_guard lock(m_mutex);
      for (auto& work : works) m_waiting.push_back({std::move(work)});
    }
    m_wake.notify_one();
  }

  [[nodiscard]] std::uint64_t commits() const { return m_commits; }
  [[nodiscard]] Liveness& liveness() { return m_liveness; }

 private:
  void run();
  Batch take();
  void commit(Batch& batch);
  void run_alone(Post& post);
  void deliver(Batch batch);

  sqlite::Database m_database;  // with the two below: only the store thread's once it runs
  Queries m_queries;
  sqlite::Savepoint::Statements m_savepoints;
  Deliver m_deliver;
  Liveness m_liveness;
  std::atomic<std::uint64_t> m_commits{0};

  std::mutex m_mutex;
  std::condition_variable m_wake;
  Batch m_waiting;          // under m_mutex
  bool m_stopping = false;  // under m_mutex
  std::thread m_thread;
};

void Store::Impl::run() {
  for (auto batch = take(); !batch.empty(); batch = take()) {
    commit(batch);
    deliver(std::move(batch));
  }
}

/// All that waits; empty when the end is asked for and nothing is left.
Batch Store::Impl::take() {
  std::unique_lock lock(m_mutex);
  m_liveness.idle();
  m_wake.wait(lock, [this] { return m_stopping || !m_waiting.empty(); });
  m_liveness.beat();
  return std::exchange(m_waiting, {});
}

void Store::Impl::commit(Batch& batch) {
  try {
    sqlite::Transaction transaction(m_database);
    for (auto& post : batch) run_alone(post);
    crash_point("store.written");
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

Store::Store(const std::filesystem::path& file, Deliver deliver)
    : m_impl(std::make_unique<Impl>(file, std::move(deliver))) {}

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
