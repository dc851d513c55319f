#include <filesystem>
#include <fstream>

#include "unit/queue/queue_bench.hpp"

using namespace concd;
using namespace concd::test;
using namespace std::chrono_literals;
using job::Standing;
using job::State;

namespace {

struct RestoreBench : QueueBench {
  /// Job and transfer `id` as the daemon left them.
  void left(job::Id id, job::Phase phase, Standing standing = Standing::active) {
    job::Transfer transfer;
    transfer.id = id;
    transfer.spec.urls = {"https://example.org/" + std::to_string(id)};
    transfer.phase = std::move(phase);
    storage.transfers[id] = transfer;
    job::Job job;
    job.id = job.transfer = id;
    job.peer = k_user;
    job.standing = standing;
    storage.jobs[id] = job;
  }
  /// What the daemon does at its next start.
  void restore() {
    queue::Legacy legacy;
    legacy.last = {100, 200};
    for (const auto& [id, transfer] : storage.transfers) legacy.transfers.push_back(transfer);
    for (const auto& [id, job] : storage.jobs)
      if (!job::has_ended(job.standing)) legacy.jobs.push_back(job);
    for (const auto& [name, artifact] : storage.artifacts) legacy.artifacts.push_back(artifact);
    core.restore(std::move(legacy));
    turn();
  }
  void restart() {
    restore();
    core.run();
    turn();
  }
  job::Waiting wait(Microseconds from_now) const {
    return {job::WaitCause{job::WaitKind::retry, "", 0, "", 0, 0, "connection lost"},
            time.realtime() + from_now};
  }
};

}  // namespace

TEST_CASE_METHOD(RestoreBench, "what was queued, ran or was published is queued again") {
  left(1, job::Queued{});
  left(2, job::Running{job::ExecutorKind::thread, true});
  left(3, job::Publishing{});
  restore();
  for (const job::Id id : {1, 2, 3}) CHECK(get(id).state == State::queued);
  CHECK(threads.started.empty());
  core.run();
  CHECK(threads.started == std::vector<job::Id>{1, 2, 3});
}

TEST_CASE_METHOD(RestoreBench, "a wait goes on") {
  left(1, wait(1min));
  restart();
  CHECK(get(1).state == State::waiting);
  CHECK(get(1).wait->cause->message == "connection lost");
  advance(59s);
  CHECK(threads.started.empty());
  advance(1s);
  CHECK(threads.started.size() == 1);
}

TEST_CASE_METHOD(RestoreBench, "a wait is over where its time has passed, or where it had none") {
  left(1, wait(-1s));
  auto for_space = wait(0s);
  for_space.until = {};
  left(2, for_space);
  restart();
  CHECK(threads.started.size() == 2);
}

TEST_CASE_METHOD(RestoreBench, "a clock that was set back makes no wait longer than one can be") {
  left(1, wait(24h * 365));
  SECTION("by the policy") {
    restart();
    advance(config.retry.max_delay);
    CHECK(threads.started.size() == 1);
  }
  SECTION("by what the server asked for") {
    storage.transfers[1].failure = failure(job::RetryClass::retry);
    storage.transfers[1].failure->retry_after = 1h;
    restart();
    advance(config.retry.max_delay);
    CHECK(threads.started.empty());
    advance(1h);
    CHECK(threads.started.size() == 1);
  }
}

TEST_CASE_METHOD(RestoreBench, "what was paused stays so, whatever its transfer did") {
  left(1, job::Paused{}, Standing::paused);
  left(2, job::Running{job::ExecutorKind::thread, true}, Standing::paused);
  left(3, job::Ended{job::End::done, true}, Standing::paused);
  left(4, wait(1s), Standing::paused);
  restart();
  advance(1h);
  for (const job::Id id : {1, 2, 3, 4}) CHECK(get(id).state == State::paused);
  CHECK(threads.started.empty());
  CHECK(job::is<job::Paused>(storage.transfers.at(2).phase));
  REQUIRE(resume(3));
  CHECK(get(3).transfer == 201);
  CHECK(threads.started.size() == 1);
}

TEST_CASE_METHOD(RestoreBench, "an active job of a paused transfer is queued") {
  left(1, job::Paused{});
  restart();
  CHECK(threads.started.size() == 1);
}

TEST_CASE_METHOD(RestoreBench, "an active job of a transfer that has ended gets another one") {
  left(1, job::Ended{job::End::failed, true});
  restart();
  CHECK(get(1).transfer == 201);
  CHECK(storage.jobs.at(1).transfer == 201);
  fetch(201);
  CHECK(get(1).state == State::done);
}

TEST_CASE_METHOD(RestoreBench, "numbers are never used again") {
  restart();
  const auto job = download();
  CHECK(job.id == 101);
  CHECK(job.transfer == 201);
}

TEST_CASE_METHOD(RestoreBench, "equal requests join what was restored") {
  left(1, job::Queued{});
  restart();
  CHECK(download("https://example.org/1").transfer == 1);
}

TEST_CASE_METHOD(RestoreBench, "partial files that no checkpoint names are removed, others are continued") {
  left(1, job::Queued{});
  auto& checkpoint = storage.transfers[1].checkpoint;
  checkpoint.part = 2;
  checkpoint.set_durable(4);
  std::ofstream(folder.partial(1, 2)) << "kept";
  std::ofstream(folder.partial(1, 3)) << "stray";
  std::ofstream(folder.partial(9, 1)) << "stray";
  restore();
  CHECK(partials() == 1);
  core.run();
  CHECK(threads.tasks.at(1).checkpoint == checkpoint);
  CHECK(threads.tasks.at(1).kept);
}

TEST_CASE_METHOD(RestoreBench,
                 "what was published but not written down is not left behind by a cancellation") {
  left(1, job::Publishing{});
  std::ofstream(folder.result(1)) << "whole";
  restart();
  CHECK(has_result(1));
  REQUIRE(cancel(1));
  let_go(1);
  CHECK_FALSE(has_result(1));
}

TEST_CASE_METHOD(RestoreBench, "the library is known again") {
  configure("[big]\nurl = \"https://one/big\"\nfresh_for = \"1h\"\n");
  std::ofstream(folder.library("big")) << "whole";
  struct stat status{};
  REQUIRE(::stat(folder.library("big").c_str(), &status) == 0);
  storage.artifacts["big"] = {"big", "https://one/big", {}, 5, "", time.realtime(), job::stamp_of(status)};
  restart();
  CHECK(download("big").state == State::done);
}
