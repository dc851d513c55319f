#include "unit/queue/queue_bench.hpp"

using namespace concd;
using namespace concd::test;
using namespace std::chrono_literals;
using job::State;

TEST_CASE_METHOD(RunningBench, "a failed or cancelled job is queued anew under its number") {
  const auto job = download();
  SECTION("failed") {
    fail(job.transfer, failure(job::RetryClass::none));
  }
  SECTION("cancelled") {
    REQUIRE(cancel(job.id));
    let_go(job.transfer);
  }
  CHECK(is_refused<control::NotPermitted>(retry(job.id, k_other)));
  listener.events.clear();
  const auto again = retry(job.id);
  REQUIRE(again);
  CHECK(again->id == job.id);
  CHECK(again->transfer != job.transfer);
  CHECK(again->finished.count() == 0);
  CHECK(listener.story(job.id) == "resumed:queued");
  fetch(again->transfer);
  CHECK(get(job.id).state == State::done);
}

TEST_CASE_METHOD(RunningBench, "a waiting job is tried at once") {
  const auto job = download();
  fail(job.transfer, failure(job::RetryClass::retry));
  REQUIRE(get(job.id).state == State::waiting);
  CHECK(retry(job.id)->state == State::queued);
  CHECK(threads.started.size() == 2);
  started(job.transfer);
  CHECK(listener.story(job.id) == "accepted:queued waiting:waiting queued:queued started:running");
}

TEST_CASE_METHOD(RunningBench, "who is told that a job is queued again is told what holds it back") {
  config.limits.active = 1;
  configure();
  const auto job = download("https://host/1");
  fail(job.transfer, failure(job::RetryClass::retry));
  (void)download("https://host/2");
  listener.events.clear();
  REQUIRE(retry(job.id));
  REQUIRE(listener.events.size() == 1);
  const auto& [event, view] = listener.events[0];
  CHECK(event == job::JobEventKind::queued);
  REQUIRE(view.wait);
  CHECK(view.wait->cause->limit == "queue.active");
}

TEST_CASE_METHOD(RunningBench, "what goes on, is paused or is done cannot be retried") {
  const auto job = download();
  CHECK(is_refused<control::WrongState>(retry(job.id)));
  REQUIRE(pause(job.id));
  let_go(job.transfer);
  CHECK(is_refused<control::WrongState>(retry(job.id)));
  REQUIRE(resume(job.id));
  fetch(job.transfer);
  const auto refused = retry(job.id);
  REQUIRE(is_refused<control::WrongState>(refused));
  CHECK(std::get<control::WrongState>(refused.error()).verb == "Retry");
  CHECK(is_refused<control::NoSuchJob>(retry(99)));
}

TEST_CASE_METHOD(RunningBench, "a retry joins who fetches the same") {
  const auto job = download();
  fail(job.transfer, failure(job::RetryClass::none));
  const auto other = download();
  CHECK(retry(job.id)->transfer == other.transfer);
  fetch(other.transfer);
  CHECK(get(job.id).state == State::done);
}

TEST_CASE_METHOD(RunningBench, "a retry needs a place in the queue and on the disk") {
  config.max_jobs = 1;
  configure();
  const auto job = download();
  fail(job.transfer, failure(job::RetryClass::none));
  storage.disk_is_full = true;
  CHECK(is_refused<control::StoreFailed>(retry(job.id)));
  CHECK(get(job.id).state == State::failed);
  storage.disk_is_full = false;
  advance(10s);
  CHECK(threads.started.size() == 1);
  REQUIRE(download("https://example.org/other").id != job.id);
  CHECK(is_refused<control::QueueFull>(retry(job.id)));
}

TEST_CASE_METHOD(RunningBench, "a retry of a job that is being removed is refused") {
  const auto job = download();
  fail(job.transfer, failure(job::RetryClass::none));
  const auto again = ask_later<View>([&](auto reply) { service.retry(job.id, k_user, reply); });
  REQUIRE(storage.answer_one());
  storage.jobs.erase(job.id);
  turn();
  CHECK(is_refused<control::StoreFailed>(again->value()));
  CHECK(threads.started.size() == 1);
  CHECK(service.status().queued == 0);
}

TEST_CASE_METHOD(RunningBench, "a retry that is asked for twice at once is one") {
  const auto job = download();
  fail(job.transfer, failure(job::RetryClass::none));
  const auto first = ask_later<View>([&](auto reply) { service.retry(job.id, k_user, reply); });
  const auto second = ask_later<View>([&](auto reply) { service.retry(job.id, k_user, reply); });
  turn();
  REQUIRE(first->value());
  REQUIRE(second->value());
  CHECK((**first)->transfer == (**second)->transfer);
  CHECK(threads.started.size() == 2);
  CHECK(service.status().active == 1);
}

TEST_CASE_METHOD(RunningBench, "a retry that joins a transfer as it ends gets another one") {
  const auto failed = download();
  fail(failed.transfer, failure(job::RetryClass::none));
  const auto other = download();
  deliver(other.transfer);
  holds_answers = true;
  // The table does not have the job: the storage is asked for it first.
  const auto again = ask_later<View>([&](auto reply) { service.retry(failed.id, k_user, reply); });
  storage.answer_one();
  publish(other.transfer);
  holds_answers = false;
  turn();
  REQUIRE(again->value());
  CHECK(get(failed.id).transfer != other.transfer);
  CHECK(get(failed.id).state == State::running);
}
