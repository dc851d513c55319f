#include "store/store.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

#include "file_size_limit.hpp"
#include "lib/sqlite/error.hpp"
#include "samples.hpp"
#include "store/queries.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace concd;

namespace {

/// Stands for the main loop: takes what the store delivers, to be run here.
class Inbox {
 public:
  void put(std::function<void()> letter) {
    const std::lock_guard lock(m_mutex);
    m_letters.push_back(std::move(letter));
    m_wake.notify_one();
  }

  /// Waits for one letter and runs it.
  void run_one() {
    std::function<void()> letter;
    {
      std::unique_lock lock(m_mutex);
      m_wake.wait(lock, [this] { return !m_letters.empty(); });
      letter = std::move(m_letters.front());
      m_letters.pop_front();
    }
    letter();
  }

  store::Store::Deliver deliver() {
    return [this](std::function<void()> letter) { put(std::move(letter)); };
  }

 private:
  std::mutex m_mutex;
  std::condition_variable m_wake;
  std::deque<std::function<void()>> m_letters;
};

struct Fixture {
  test::TemporaryFolder folder;
  std::filesystem::path file = folder.path() / "queue.db";
  Inbox inbox;

  /// Posts and waits; returns the error.
  std::exception_ptr run(store::Store& store, store::Store::Work work) {
    std::exception_ptr result;
    bool done = false;
    store.post(std::move(work), [&](std::exception_ptr error) {
      result = error;
      done = true;
    });
    while (!done) inbox.run_one();
    return result;
  }

  std::size_t jobs(store::Store& store) {
    std::size_t count = 0;
    REQUIRE(run(store, [&](store::Queries& q) { count = q.newest_jobs({}, 100'000).size(); }) == nullptr);
    return count;
  }
};

/// Holds the store thread inside a work, so that what is posted meanwhile waits together.
class Gate {
 public:
  void close(store::Store& store) {
    store.post([this](store::Queries&) { m_entered.set_value(), m_opened.get_future().wait(); }, {});
    m_entered.get_future().wait();
  }
  void open() { m_opened.set_value(); }

 private:
  std::promise<void> m_entered;
  std::promise<void> m_opened;
};

void insert(store::Queries& queries) {
  test::add(queries, queries.last_ids().job + 1);
}

}  // namespace

TEST_CASE("posts that wait together share a commit and are reported in order") {
  Fixture fixture;
  store::Store store(fixture.file, fixture.inbox.deliver());
  Gate gate;
  gate.close(store);
  std::vector<int> order;
  constexpr int k_posts = 1000;
  for (int i = 0; i < k_posts; ++i)
    store.post(insert, [&order, i](std::exception_ptr error) {
      if (!error) order.push_back(i);
    });
  CHECK(order.empty());
  gate.open();
  while (order.size() < k_posts) fixture.inbox.run_one();
  CHECK(std::is_sorted(order.begin(), order.end()));
  CHECK(store.commits() == 2);  // the gate's own and one for all
  CHECK(fixture.jobs(store) == k_posts);
}

TEST_CASE("nothing is reported before it is on disk") {
  Fixture fixture;
  store::Store store(fixture.file, fixture.inbox.deliver());
  std::uint64_t commits = 0;
  store.post(insert, [&](std::exception_ptr) { commits = store.commits(); });
  fixture.inbox.run_one();
  CHECK(commits == 1);
}

TEST_CASE("a work that fails is undone and reported alone") {
  Fixture fixture;
  store::Store store(fixture.file, fixture.inbox.deliver());
  Gate gate;
  gate.close(store);
  std::vector<std::string> outcomes;
  const auto note = [&](std::exception_ptr error) {
    try {
      if (error) std::rethrow_exception(error);
      outcomes.emplace_back("committed");
    } catch (const std::exception& caught) {
      outcomes.emplace_back(caught.what());
    }
  };
  store.post(insert, note);
  store.post(
      [](store::Queries& queries) {
        insert(queries);
        throw std::runtime_error("no");
      },
      note);
  store.post(insert, note);
  gate.open();
  while (outcomes.size() < 3) fixture.inbox.run_one();
  CHECK(outcomes == std::vector<std::string>{"committed", "no", "committed"});
  CHECK(store.commits() == 2);
  CHECK(fixture.jobs(store) == 2);
}

TEST_CASE("a statement that fails can be used again") {
  Fixture fixture;
  store::Store store(fixture.file, fixture.inbox.deliver());
  const auto insert_token = [](store::Queries& queries) {
    const auto id = queries.last_ids().transfer + 1;
    queries.insert_transfer(test::new_transfer(id));
    auto job = test::new_job(id, id);
    job.token = "once";
    queries.insert_job(job);
  };
  CHECK(fixture.run(store, insert_token) == nullptr);
  CHECK_THROWS_AS(std::rethrow_exception(fixture.run(store, insert_token)), sqlite::Error);
  CHECK(fixture.run(store, insert) == nullptr);
  CHECK(fixture.jobs(store) == 2);
}

TEST_CASE("when the disk fails every waiting post is told, and the store goes on once it works again") {
  Fixture fixture;
  std::size_t told = 0;
  {
    store::Store store(fixture.file, fixture.inbox.deliver());
    REQUIRE(fixture.run(store, insert) == nullptr);
    Gate gate;
    gate.close(store);
    for (int i = 0; i < 50; ++i)
      store.post(insert, [&](std::exception_ptr error) {
        CHECK_THROWS_AS(std::rethrow_exception(error), sqlite::Error);
        ++told;
      });
    {
      // The log of the next commit cannot be written.
      const test::FileSizeLimit limit(4096);
      gate.open();
      while (told < 50) fixture.inbox.run_one();
    }
    CHECK(fixture.run(store, insert) == nullptr);
    CHECK(fixture.jobs(store) == 2);
  }
  store::Store again(fixture.file, fixture.inbox.deliver());
  CHECK(fixture.jobs(again) == 2);
}

TEST_CASE("what was posted before the end is committed") {
  Fixture fixture;
  {
    store::Store store(fixture.file, fixture.inbox.deliver());
    for (int i = 0; i < 100; ++i) store.post(insert, {});
  }
  store::Store again(fixture.file, fixture.inbox.deliver());
  CHECK(fixture.jobs(again) == 100);
}

TEST_CASE("posts may come from many threads") {
  Fixture fixture;
  store::Store store(fixture.file, fixture.inbox.deliver());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&store] {
      for (int k = 0; k < 50; ++k) store.post(insert, {});
    });
  for (auto& thread : threads) thread.join();
  CHECK(fixture.jobs(store) == 200);
}

TEST_CASE("the log of a busy store stays bounded") {
  Fixture fixture;
  store::Store store(fixture.file, fixture.inbox.deliver());
  auto transfer = test::new_transfer(0, std::string(100'000, 'x'));
  for (int i = 0; i < 400; ++i) {
    ++transfer.id;
    REQUIRE(fixture.run(store, [&](store::Queries& queries) { queries.insert_transfer(transfer); }) ==
            nullptr);
  }
  CHECK(std::filesystem::file_size(fixture.file) > 20 << 20);
  CHECK(std::filesystem::file_size(fixture.file.string() + "-wal") <= 16 << 20);
}

TEST_CASE("the store thread takes no signals and is idle when nothing waits") {
  Fixture fixture;
  store::Store store(fixture.file, fixture.inbox.deliver());
  sigset_t mask;
  sigemptyset(&mask);
  bool idle_inside = true;
  REQUIRE(store.liveness().alive());
  REQUIRE(fixture.run(store, [&](store::Queries&) {
    pthread_sigmask(SIG_BLOCK, nullptr, &mask);
    (void)store.liveness().alive();  // what was seen so far is the past
    idle_inside = store.liveness().alive();
  }) == nullptr);
  CHECK(sigismember(&mask, SIGTERM) == 1);
  CHECK(sigismember(&mask, SIGCHLD) == 1);
  CHECK_FALSE(idle_inside);
  // Idle is alive however often it is asked; the thread gets there on its own after the last work.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  bool idle = false;
  while (!idle && std::chrono::steady_clock::now() < deadline) {
    (void)store.liveness().alive();
    idle = store.liveness().alive();
    std::this_thread::yield();
  }
  CHECK(idle);
}

TEST_CASE("nothing is committed while the file, or its log, is not where it was") {
  Fixture fixture;
  std::vector<bool> told;
  store::Store store(fixture.file, fixture.inbox.deliver(), [&](bool is_lost) { told.push_back(is_lost); });
  const auto add = [](store::Queries& queries) { queries.insert_transfer(test::new_transfer(1)); };
  const auto nothing = [](store::Queries&) {};
  REQUIRE(fixture.run(store, nothing) == nullptr);
  const auto name = GENERATE("queue.db", "queue.db-wal");
  const auto path = fixture.folder.path() / name;
  const auto aside = fixture.folder.path() / "aside";
  std::filesystem::rename(path, aside);
  SECTION("deleted or moved") {}
  SECTION("replaced") {
    fixture.folder.write(name, "another one");
  }
  CHECK(fixture.run(store, add) != nullptr);
  CHECK(fixture.run(store, add) != nullptr);
  CHECK(told == std::vector{true});
  std::filesystem::rename(aside, path);
  CHECK(fixture.run(store, add) == nullptr);
  CHECK(told == std::vector{true, false});
}
