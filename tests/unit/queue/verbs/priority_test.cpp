#include "sd/message_id.hpp"
#include "unit/queue/queue_bench.hpp"

using namespace concd;
using namespace concd::test;
using namespace std::chrono_literals;
using job::Priority;

TEST_CASE_METHOD(RunningBench, "a job with a higher priority overtakes others") {
  config.limits.active = 1;
  configure();
  const auto first = download(), second = download("https://example.org/2"),
             third = download("https://example.org/3");
  CHECK(is_refused<control::NotPermitted>(priority(third.id, Priority::high, k_other)));
  const auto raised = priority(third.id, Priority::high);
  REQUIRE(raised);
  CHECK(raised->priority == Priority::high);
  CHECK(storage.jobs.at(third.id).priority == Priority::high);
  CHECK(journal.of(sd::message_id::job_priority).at(0).has("CONCD_JOB_ID=" + std::to_string(third.id)));
  CHECK(listener.story(third.id) == "accepted:queued priority:queued");
  fetch(first.transfer);
  CHECK(threads.started == std::vector{first.transfer, third.transfer});
}

TEST_CASE_METHOD(RunningBench, "a transfer has the highest priority of its active jobs") {
  config.limits.active = 1;
  configure();
  const auto first = download();
  auto high = request_for("https://example.org/2");
  high.priority = Priority::high;
  const auto second = request(high);
  (void)download("https://example.org/2");
  const auto third = download("https://example.org/3");
  REQUIRE(priority(third.id, Priority::foreground));
  SECTION("which is the most urgent one's") {}
  SECTION("not that of one that paused") {
    REQUIRE(priority(third.id, Priority::normal));
    REQUIRE(pause(second->id));
    // Among equals the oldest goes first.
    fetch(first.transfer);
    CHECK(threads.started.back() == second->transfer);
    return;
  }
  fetch(first.transfer);
  CHECK(threads.started.back() == third.transfer);
}

TEST_CASE_METHOD(RunningBench, "what has ended has no priority any more") {
  const auto job = download();
  fetch(job.transfer);
  CHECK(is_refused<control::WrongState>(priority(job.id, Priority::high)));
  CHECK(is_refused<control::NoSuchJob>(priority(99, Priority::high)));
}

TEST_CASE_METHOD(RunningBench, "what a full disk does not take of a priority is written when it does") {
  const auto job = download();
  storage.disk_is_full = true;
  CHECK(is_refused<control::StoreFailed>(priority(job.id, Priority::low)));
  CHECK(get(job.id).priority == Priority::low);
  storage.disk_is_full = false;
  advance(2s);
  CHECK(storage.jobs.at(job.id).priority == Priority::low);
}

TEST_CASE_METHOD(RunningBench, "a priority that was to be written later is forgotten with its job") {
  const auto job = download();
  deliver(job.transfer);
  storage.disk_is_full = true;
  CHECK(is_refused<control::StoreFailed>(priority(job.id, Priority::low)));
  storage.disk_is_full = false;
  publish(job.transfer);
  CHECK(get(job.id).state == job::State::done);
  advance(10s);
  CHECK(storage.jobs.at(job.id).standing == job::Standing::done);
}

TEST_CASE_METHOD(RunningBench, "an end that is written along with a late change of the job is its end") {
  const auto job = download();
  deliver(job.transfer);
  storage.disk_is_full = true;
  CHECK(is_refused<control::StoreFailed>(priority(job.id, Priority::low)));
  storage.disk_is_full = false;
  time.pass(2s);
  // The end is decided in the same turn as the change is tried again, and goes to the disk first.
  publisher.publish(job.transfer);
  turn();
  CHECK(get(job.id).state == job::State::done);
}
