#include "publish/folder_sync.hpp"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace concd;
using publish::FolderSync;
namespace fs = std::filesystem;

namespace {

/// Syncs that do not end before they are let go, each of them counted.
class HeldSyncs {
 public:
  void sync(const fs::path& folder) {
    std::unique_lock lock(m_mutex);
    const int number = ++m_begun[folder];
    m_changed.notify_all();
    m_changed.wait(lock, [&] { return m_allowed[folder] >= number; });
    if (folder == m_broken) throw std::runtime_error("broken " + std::to_string(number));
  }
  void wait_until_begun(const fs::path& folder, int number) {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [&] { return m_begun[folder] >= number; });
  }
  /// Lets the first `number` syncs of the folder end.
  void allow(const fs::path& folder, int number) {
    const std::lock_guard lock(m_mutex);
    m_allowed[folder] = number;
    m_changed.notify_all();
  }
  void break_folder(const fs::path& folder) { m_broken = folder; }
  int begun(const fs::path& folder) {
    const std::lock_guard lock(m_mutex);
    return m_begun[folder];
  }

 private:
  std::mutex m_mutex;
  std::condition_variable m_changed;
  std::map<fs::path, int> m_begun;
  std::map<fs::path, int> m_allowed;
  fs::path m_broken;
};

/// What those who asked were told.
class Answers {
 public:
  FolderSync::Served next() {
    return [this](const std::optional<job::Failure>& failure) {
      const std::lock_guard lock(m_mutex);
      m_texts.push_back(failure ? failure->message : "synced");
      m_changed.notify_all();
    };
  }
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [&] { return m_texts.size() >= count; });
    return m_texts;
  }

 private:
  std::mutex m_mutex;
  std::condition_variable m_changed;
  std::vector<std::string> m_texts;
};

}  // namespace

TEST_CASE("one sync serves all who asked before it began, and nobody who asked later") {
  HeldSyncs held;
  Answers answers;
  FolderSync folders([&](const fs::path& folder) { held.sync(folder); });
  folders.sync("/f", answers.next());
  held.wait_until_begun("/f", 1);
  for (int i = 0; i < 100; ++i) folders.sync("/f", answers.next());
  held.allow("/f", 1);
  held.wait_until_begun("/f", 2);
  // The second sync has begun and is held: only the first who asked may have been answered.
  CHECK(answers.wait_for(1).size() == 1);
  held.allow("/f", 2);
  CHECK(answers.wait_for(101) == std::vector<std::string>(101, "synced"));
  CHECK(held.begun("/f") == 2);
}

TEST_CASE("a failed sync fails all that it served, and only them") {
  HeldSyncs held;
  Answers answers;
  FolderSync folders([&](const fs::path& folder) { held.sync(folder); });
  held.break_folder("/f");
  folders.sync("/f", answers.next());
  held.wait_until_begun("/f", 1);
  folders.sync("/f", answers.next());
  folders.sync("/f", answers.next());
  held.allow("/f", 2);
  CHECK(answers.wait_for(3) == std::vector<std::string>{"broken 1", "broken 2", "broken 2"});
}

TEST_CASE("a folder that takes long holds up no other") {
  HeldSyncs held;
  Answers slow;
  Answers fast;
  FolderSync folders([&](const fs::path& folder) { held.sync(folder); });
  folders.sync("/slow", slow.next());
  held.wait_until_begun("/slow", 1);
  held.allow("/fast", 1);
  folders.sync("/fast", fast.next());
  CHECK(fast.wait_for(1).size() == 1);
  held.allow("/slow", 1);
  CHECK(slow.wait_for(1).size() == 1);
}

TEST_CASE("many threads that wait for a folder are all served by a sync of their own time") {
  std::atomic<int> names{0};
  std::atomic<int> durable{0};
  FolderSync folders([&](const fs::path&) {
    const int seen = names.load();
    std::this_thread::yield();
    durable.store(seen);
  });
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 200; ++k) {
        const int mine = ++names;
        if (folders.sync("/f") || durable.load() < mine) ++wrong;
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("a folder that cannot be synced is named, and the machine is to blame") {
  const test::TemporaryFolder root;
  FolderSync folders;
  CHECK_FALSE(folders.sync(root.path()));
  const auto failure = folders.sync(root.path() / "missing");
  REQUIRE(failure);
  CHECK(failure->kind == job::FailureKind::file);
  CHECK_THAT(failure->message, ContainsSubstring((root.path() / "missing").string()));
}
