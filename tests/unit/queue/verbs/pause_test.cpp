#include "unit/queue/queue_bench.hpp"

using namespace concd;
using namespace concd::test;
using namespace std::chrono_literals;
using job::State;

TEST_CASE_METHOD(RunningBench, "a job is paused by its user, by root, and by nobody else") {
  const auto job = download();
  CHECK(is_refused<control::NotPermitted>(pause(job.id, k_other)));
  SECTION("its user") {
    CHECK(pause(job.id)->state == State::paused);
  }
  SECTION("root") {
    CHECK(pause(job.id, k_root)->state == State::paused);
  }
  CHECK(listener.story(job.id) == "accepted:queued paused:paused");
  CHECK(service.status().paused == 1);
  CHECK(storage.jobs.at(job.id).standing == job::Standing::paused);
}

TEST_CASE_METHOD(RunningBench, "what is paused already or has ended cannot be paused") {
  const auto job = download();
  REQUIRE(pause(job.id));
  const auto again = pause(job.id);
  REQUIRE(is_refused<control::WrongState>(again));
  CHECK(std::get<control::WrongState>(again.error()).state == State::paused);
  let_go(job.transfer);
  REQUIRE(resume(job.id));
  fetch(job.transfer);
  CHECK(is_refused<control::WrongState>(pause(job.id)));
  CHECK(is_refused<control::NoSuchJob>(pause(99)));
}

TEST_CASE_METHOD(RunningBench, "a pause ends a wait") {
  const auto job = download();
  fail(job.transfer, failure(job::RetryClass::retry));
  REQUIRE(pause(job.id));
  advance(24h);
  CHECK(threads.started.size() == 1);
  CHECK(get(job.id).state == State::paused);
}

TEST_CASE_METHOD(RunningBench, "a pause makes a place for another transfer") {
  config.limits.active = 1;
  configure();
  const auto first = download(), second = download("https://example.org/2");
  REQUIRE(pause(first.id));
  let_go(first.transfer);
  CHECK(runs(second.transfer));
}

TEST_CASE_METHOD(RunningBench, "what a full disk does not take of a pause is written when it does") {
  const auto job = download();
  storage.disk_is_full = true;
  CHECK(is_refused<control::StoreFailed>(pause(job.id)));
  CHECK(threads.stopped.size() == 1);
  storage.disk_is_full = false;
  advance(2s);
  CHECK(storage.jobs.at(job.id).standing == job::Standing::paused);
  CHECK(listener.story(job.id) == "accepted:queued paused:paused");
}
