#include "unit/queue/queue_bench.hpp"

using namespace concd;
using namespace concd::test;
using namespace std::chrono_literals;
using job::State;

TEST_CASE_METHOD(RunningBench, "a paused job is resumed by its user, by root, and by nobody else") {
  const auto job = download();
  REQUIRE(pause(job.id));
  let_go(job.transfer);
  CHECK(is_refused<control::NotPermitted>(resume(job.id, k_other)));
  SECTION("its user") {
    CHECK(resume(job.id));
  }
  SECTION("root") {
    CHECK(resume(job.id, k_root));
  }
  CHECK(get(job.id).state == State::running);
  CHECK(listener.story(job.id) == "accepted:queued paused:paused queued:queued resumed:running");
  CHECK(storage.jobs.at(job.id).standing == job::Standing::active);
}

TEST_CASE_METHOD(RunningBench, "only what is paused can be resumed") {
  const auto job = download();
  const auto running = resume(job.id);
  REQUIRE(is_refused<control::WrongState>(running));
  CHECK(std::get<control::WrongState>(running.error()).state == State::running);
  fetch(job.transfer);
  CHECK(is_refused<control::WrongState>(resume(job.id)));
  CHECK(is_refused<control::NoSuchJob>(resume(99)));
}

TEST_CASE_METHOD(RunningBench, "a job whose transfer has ended without it gets another one") {
  const auto first = download(), second = download();
  REQUIRE(pause(second.id));
  SECTION("after the end is on disk") {
    fetch(first.transfer);
    REQUIRE(resume(second.id));
  }
  SECTION("before it is") {
    deliver(first.transfer);
    holds_answers = true;
    publish(first.transfer);
    const auto resumed = ask_later<View>([&](auto reply) { service.resume(second.id, k_user, reply); });
    holds_answers = false;
    turn();
    REQUIRE(resumed->value());
  }
  const auto job = get(second.id);
  CHECK(job.transfer != first.transfer);
  CHECK(job.state == State::running);
  CHECK(get(first.id).state == State::done);
  fetch(job.transfer);
  CHECK(get(second.id).state == State::done);
  CHECK(storage.jobs.at(second.id).transfer == job.transfer);
}

TEST_CASE_METHOD(RunningBench, "what a full disk does not take of a resumption is written when it does") {
  const auto job = download();
  REQUIRE(pause(job.id));
  let_go(job.transfer);
  storage.disk_is_full = true;
  CHECK(is_refused<control::StoreFailed>(resume(job.id)));
  CHECK(get(job.id).state == State::running);
  storage.disk_is_full = false;
  advance(2s);
  CHECK(storage.jobs.at(job.id).standing == job::Standing::active);
}
