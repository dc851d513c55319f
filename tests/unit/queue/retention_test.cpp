#include "queue/retention.hpp"

#include <filesystem>
#include <fstream>

#include "unit/queue/queue_bench.hpp"

using namespace concd;
using namespace concd::test;
using namespace std::chrono_literals;

namespace {

struct RetentionBench : RunningBench {
  /// A job that is done, with its file.
  View done(int number) {
    const auto job = download("https://example.org/" + std::to_string(number));
    fetch(job.transfer);
    return get(job.id);
  }
  bool is_listed(const View& job) const { return storage.jobs.contains(job.id); }
};

}  // namespace

TEST_CASE_METHOD(RetentionBench, "an ended job is removed with its file once it is old") {
  config.retention.keep_finished = 24h;
  configure();
  const auto old = done(1);
  advance(12h);
  const auto young = done(2);
  const auto unfinished = download("https://example.org/3");
  advance(13h);
  CHECK_FALSE(is_listed(old));
  CHECK_FALSE(has_result(old.transfer));
  CHECK(is_listed(young));
  CHECK(has_result(young.transfer));
  CHECK(is_listed(unfinished));
}

TEST_CASE_METHOD(RetentionBench,
                 "only so many ended jobs are kept, the newest, from the moment when that is said") {
  const auto first = done(1);
  advance(1s);
  const auto second = done(2);
  advance(11s);
  config.retention.keep_finished_count = 1;
  configure();
  turn();
  CHECK_FALSE(is_listed(first));
  CHECK(is_listed(second));
}

TEST_CASE_METHOD(RetentionBench, "what is to be removed goes in several steps") {
  storage.prune_limit = 2;
  for (int i = 0; i < 5; ++i) (void)done(i);
  advance(11s);
  config.retention.keep_finished_count = 0;
  configure();
  turn();
  CHECK(storage.jobs.empty());
  CHECK(std::filesystem::is_empty(root.path() / "results"));
}

TEST_CASE_METHOD(RetentionBench, "a file is kept as long as another job needs it") {
  const auto first = download();
  (void)download();
  fetch(first.transfer);
  advance(11s);
  config.retention.keep_finished_count = 1;
  configure();
  turn();
  CHECK(storage.jobs.size() == 1);
  CHECK(has_result(first.transfer));
}

TEST_CASE_METHOD(RetentionBench, "a job that was paused while its transfer ended keeps no file") {
  const auto first = download(), paused = download();
  REQUIRE(pause(paused.id));
  fetch(first.transfer);
  CHECK(has_result(first.transfer));
  REQUIRE(release(first.id));
  CHECK_FALSE(has_result(first.transfer));
  REQUIRE(resume(paused.id));
  fetch(get(paused.id).transfer);
  CHECK(has_result(get(paused.id).transfer));
}

TEST_CASE_METHOD(RetentionBench, "a clock that is set ahead makes no job old") {
  const auto job = done(1);
  time.set_realtime(time.realtime() + 24h * 365);
  advance(2h);
  CHECK(is_listed(job));
}

TEST_CASE_METHOD(RetentionBench, "nothing is removed where the store cannot be read, or after the stop") {
  const auto job = done(1);
  SECTION("unreadable") {
    storage.is_damaged = true;
    advance(2h);
    CHECK(has_result(job.transfer));
  }
  SECTION("stopped") {
    core.stop([] {});
    advance(24h * 365);
    CHECK(is_listed(job));
  }
}

TEST_CASE_METHOD(RetentionBench, "a file that is released while the store cannot be read goes once it can") {
  const auto job = done(1);
  storage.unheld_fails = true;
  REQUIRE(release(job.id));
  CHECK(has_result(job.transfer));
  advance(1s);
  CHECK(has_result(job.transfer));
  storage.unheld_fails = false;
  advance(1s);
  CHECK_FALSE(has_result(job.transfer));
}

TEST_CASE_METHOD(QueueBench, "files that no job needs are removed at the start") {
  std::ofstream(folder.result(99)) << "left over";
  core.run();
  turn();
  CHECK_FALSE(has_result(99));
}

TEST_CASE_METHOD(QueueBench, "a policy that is set before the queue runs removes nothing yet") {
  config.retention.keep_finished_count = 0;
  configure();
  turn();
  CHECK(storage.kept.since.count() == 0);
  core.run();
  turn();
  CHECK(storage.kept.since == time.realtime() - config.retention.keep_finished);
  CHECK(storage.kept.count == 0);
}

TEST_CASE_METHOD(RetentionBench, "of each user only so many ended jobs are kept") {
  const auto mine = done(1);
  const auto others = download("https://example.org/2", k_other);
  fetch(others.transfer);
  advance(1s);
  const auto second = done(3);
  config.retention.keep_finished_count_per_user = 1;
  configure();
  turn();
  // Whoever waits for it may not have asked yet.
  CHECK(is_listed(mine));
  advance(11s);
  configure();
  turn();
  CHECK_FALSE(is_listed(mine));
  CHECK(is_listed(others));
  CHECK(is_listed(second));
}

TEST_CASE_METHOD(RetentionBench, "jobs that end drive others out without waiting for the hour") {
  config.retention.keep_finished_count_per_user = 10;
  configure();
  for (int i = 0; i < 600; ++i) REQUIRE(cancel(download("https://example.org/" + std::to_string(i)).id));
  CHECK(storage.jobs.size() < 520);
  CHECK(storage.jobs.size() >= 10);
}

TEST_CASE_METHOD(RetentionBench, "those that ended too short ago to be driven out go soon after") {
  config.retention.keep_finished_count_per_user = 10;
  configure();
  for (int i = 0; i < 600; ++i) (void)done(i);
  CHECK(storage.jobs.size() == 600);
  // The timer may be late by a minute.
  advance(80s);
  CHECK(storage.jobs.size() == 10);
}

TEST_CASE_METHOD(QueueBench, "a clock that is ahead at the start makes jobs older by a tenth at most") {
  config.retention.keep_finished = 24h * 30;
  configure();
  const auto seen = time.realtime() - 24h * 365;
  core.restore({{}, {}, {}, {}, seen});
  core.run();
  turn();
  CHECK(storage.seen == seen + 24h * 3);
  CHECK(storage.kept.since == storage.seen - 24h * 30);
  advance(2h);
  CHECK(storage.seen > seen + 24h * 3);
  CHECK(storage.seen <= seen + 24h * 3 + 2h);
}

TEST_CASE_METHOD(QueueBench, "what was seen lately lets time pass as the clock says") {
  core.restore({{}, {}, {}, {}, time.realtime() - 1h});
  core.run();
  turn();
  CHECK(storage.seen == time.realtime());
}
