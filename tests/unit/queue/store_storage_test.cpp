#include "queue/store_storage.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>

#include "store/open.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "util/file.hpp"

using namespace concd;
using namespace std::chrono_literals;
using job::Standing;
using queue::Change;
using queue::Entry;

namespace {

/// A real store, whose answers come when the test waits for them.
struct StoreBench {
  StoreBench() { folder.prepare(); }

  /// Waits for the next answer of the store and gives it.
  void answer() {
    std::unique_lock lock(mutex);
    came.wait(lock, [this] { return !answers.empty(); });
    const auto next = std::move(answers.front());
    answers.pop_front();
    lock.unlock();
    next();
  }
  std::vector<Entry> write(std::vector<Change> changes) {
    std::vector<Entry> entries;
    for (auto& change : changes) entries.push_back({std::move(change), {}, nullptr});
    std::optional<std::vector<Entry>> result;
    storage.write(std::move(entries), [&](std::vector<Entry> written) { result = std::move(written); });
    answer();
    return result.value();
  }
  template <typename T>
  tl::expected<T, std::exception_ptr> ask(const std::function<void(queue::Found<T>)>& look) {
    std::optional<tl::expected<T, std::exception_ptr>> result;
    look([&](auto found) { result.emplace(std::move(found)); });
    answer();
    return std::move(result.value());
  }
  std::optional<store::StoredJob> find(job::Id id) {
    return ask<std::optional<store::StoredJob>>([&](auto found) { storage.find_job(id, found); }).value();
  }

  std::mutex mutex;
  std::condition_variable came;
  std::deque<std::function<void()>> answers;
  test::TemporaryFolder root;
  library::StateFolder folder{root.path()};
  store::Store store{folder.database(), [this](std::function<void()> call) {
                       const std::lock_guard lock(mutex);
                       answers.push_back(std::move(call));
                       came.notify_one();
                     }};
  queue::StoreStorage storage{store, folder};
};

job::Transfer transfer(job::Id id) {
  job::Transfer transfer;
  transfer.id = id;
  transfer.spec.urls = {"https://example.org/file"};
  return transfer;
}

Change joining(job::Id id, job::Id of, const std::string& token = "") {
  Change change;
  change.new_transfers.push_back(transfer(of));
  change.new_jobs.resize(1);
  auto& job = change.new_jobs[0];
  job.id = id;
  job.transfer = of;
  job.peer.uid = 1000;
  job.token = token;
  return change;
}

}  // namespace

TEST_CASE_METHOD(StoreBench, "what is written is found") {
  const auto entries = write({joining(1, 1), joining(2, 2, "t")});
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].error == nullptr);
  CHECK(find(1)->transfer.spec.urls == transfer(1).spec.urls);
  CHECK_FALSE(find(3));
  const auto found =
      ask<std::optional<store::StoredJob>>([&](auto answer) { storage.find_token(1000, "t", answer); });
  CHECK(found.value()->job.id == 2);
  const auto newest =
      ask<std::vector<store::StoredJob>>([&](auto answer) { storage.newest_jobs(job::Id{2}, 10, answer); });
  REQUIRE(newest.value().size() == 1);
  CHECK(newest.value()[0].job.id == 1);
}

TEST_CASE_METHOD(StoreBench, "a known token brings the earlier job and writes nothing") {
  const auto entries = write({joining(1, 1, "t"), joining(2, 2, "t"), joining(3, 2)});
  REQUIRE(entries[1].known);
  CHECK(entries[1].known->job.id == 1);
  CHECK_FALSE(find(2));
  // Its transfer comes with who joined it.
  CHECK(entries[2].error == nullptr);
  CHECK(find(3)->transfer.id == 2);
}

TEST_CASE_METHOD(StoreBench, "of a group each change fails alone") {
  auto bad = joining(2, 2);
  bad.new_jobs[0].transfer = 99;
  const auto entries = write({joining(1, 1), bad, joining(3, 3)});
  CHECK(entries[0].error == nullptr);
  CHECK(entries[1].error != nullptr);
  CHECK(entries[2].error == nullptr);
  CHECK(find(3));
  CHECK_FALSE(find(2));
}

TEST_CASE_METHOD(StoreBench, "changes of all kinds are kept") {
  (void)write({joining(1, 1)});
  Change change;
  change.transfers.push_back(transfer(1));
  change.transfers[0].phase = job::Ended{job::End::done, true};
  change.transfers[0].size = 5;
  change.jobs = {find(1)->job};
  change.jobs[0].standing = Standing::done;
  change.artifact = job::Artifact{"big", "https://one/big", {}, 5, "", 1s};
  CHECK(write({change})[0].error == nullptr);
  CHECK(find(1)->job.standing == Standing::done);
  CHECK(find(1)->transfer.size == 5);
  Change later;
  later.checkpoint = queue::CheckpointOf{1, {}};
  later.checkpoint->checkpoint.part = 3;
  later.checkpoint->checkpoint.set_durable(4);
  CHECK(later.names_partial());
  CHECK(write({later})[0].error == nullptr);
  CHECK(find(1)->transfer.checkpoint.durable() == 4);
}

TEST_CASE_METHOD(StoreBench, "an ended job comes back unless it has been removed") {
  (void)write({joining(1, 1)});
  Change change;
  change.new_transfers.push_back(transfer(2));
  change.returning = {find(1)->job};
  change.returning[0].transfer = 2;
  change.left = {1};
  CHECK(write({change})[0].error == nullptr);
  CHECK(find(1)->transfer.id == 2);
  change.returning[0].id = 99;
  change.left = {2};
  CHECK(write({change})[0].error != nullptr);
  CHECK(find(1)->transfer.id == 2);
}

TEST_CASE_METHOD(StoreBench, "bytes of a partial file are not recorded before its name lasts") {
  (void)write({joining(1, 1)});
  std::filesystem::remove_all(folder.partials());
  Change change;
  change.transfers.push_back(transfer(1));
  CHECK_FALSE(change.names_partial());
  change.transfers[0].checkpoint.set_durable(4);
  CHECK(change.names_partial());
  const auto entries = write({change, joining(2, 1), change});
  CHECK(entries[0].error != nullptr);
  CHECK(entries[1].error == nullptr);
  CHECK(entries[2].error != nullptr);
  CHECK(find(1)->transfer.checkpoint.durable() == 0);
}

TEST_CASE_METHOD(StoreBench, "a file is needed by jobs that are done and have not released it") {
  (void)write({joining(1, 1), joining(2, 2), joining(3, 3)});
  Change change;
  for (const job::Id id : {1, 2, 3}) {
    change.jobs.push_back(find(id)->job);
    change.jobs.back().standing = id == 3 ? Standing::cancelled : Standing::done;
    change.jobs.back().released = id == 2;
  }
  (void)write({change});
  const auto unheld = ask<std::vector<job::Id>>([&](auto answer) { storage.unheld({1, 2, 3, 4}, answer); });
  CHECK(unheld.value() == std::vector<job::Id>{2, 3, 4});
}

TEST_CASE_METHOD(StoreBench, "old ended jobs are removed with what only they refer to") {
  (void)write({joining(1, 1), joining(2, 1), joining(3, 3), joining(4, 4)});
  Change change;
  for (const job::Id id : {1, 2, 3}) {
    change.jobs.push_back(find(id)->job);
    change.jobs.back().standing = Standing::done;
    change.jobs.back().finished = id == 2 ? 100s : 1s;
  }
  (void)write({change});
  const auto prune = [this](Microseconds time, std::size_t count) {
    const store::Keep keep{time, count, 100};
    return ask<queue::Storage::Pruned>([&](auto answer) { storage.prune(keep, 7s, answer); }).value();
  };
  const auto pruned = prune(50s, 100);
  CHECK(pruned.unheld == std::vector<job::Id>{3});
  CHECK_FALSE(pruned.more);
  CHECK_FALSE(find(1));
  CHECK(find(2));
  CHECK(find(4));
  CHECK(prune(0s, 0).unheld == std::vector<job::Id>{1});
  CHECK_FALSE(find(2));
  CHECK(find(4));
}

TEST_CASE_METHOD(StoreBench, "a number without a row is never given to another job") {
  Change change;
  change.numbered_job = 7;
  change.numbered_transfer = 9;
  CHECK(write({change})[0].error == nullptr);
  store::LastIds last;
  store.post([&](store::Queries& queries) { last = queries.last_ids(); }, [](const auto&) {});
  answer();
  CHECK(last.job == 7);
  CHECK(last.transfer == 9);
}

TEST_CASE_METHOD(StoreBench, "a done transfer keeps no secret, unless an unfinished job may need it") {
  const std::string secret = "https://me:hunter2@example.org/file?key=hunter3";
  const auto files = [this] {
    return read_text(folder.database()) + read_text(folder.database().string() + "-wal");
  };
  Change change = joining(1, 1);
  change.new_transfers[0].spec.urls = {secret};
  const bool is_wanted_still = GENERATE(false, true);
  auto more = joining(2, 1);
  if (is_wanted_still) change.new_jobs.push_back(more.new_jobs[0]);
  const auto with_secret = change.new_transfers;
  (void)write({change});
  CHECK_THAT(files(), ContainsSubstring("hunter2"));
  Change end;
  end.transfers = with_secret;
  end.transfers[0].phase = job::Ended{job::End::done, true};
  end.jobs = {find(1)->job};
  end.jobs[0].standing = Standing::done;
  (void)write({end});
  if (is_wanted_still) {
    CHECK(find(1)->transfer.spec.urls == std::vector{secret});
    return;
  }
  CHECK(find(1)->transfer.spec.urls == std::vector<std::string>{"https://***@example.org/file?***"});
  CHECK_THAT(files(), !ContainsSubstring("hunter"));
  SECTION("a job that was joining meanwhile brings it back") {
    more.new_transfers = with_secret;
    (void)write({more});
    CHECK(find(2)->transfer.spec.urls == std::vector{secret});
  }
}

TEST_CASE_METHOD(StoreBench, "a job that is retried beside its removal is refused, and no row is changed") {
  auto change = joining(1, 1);
  change.new_jobs[0].standing = Standing::failed;
  (void)write({change});
  const auto failed = *find(1);
  const store::Keep none{};
  (void)ask<queue::Storage::Pruned>([&](auto found) { storage.prune(none, 7s, found); });
  Change retry;
  retry.new_transfers.push_back(transfer(2));
  retry.returning.push_back(failed.job);
  retry.returning[0].transfer = 2;
  CHECK(write({retry})[0].error != nullptr);
  CHECK_FALSE(find(1));
}
