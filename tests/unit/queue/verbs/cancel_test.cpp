#include "unit/queue/queue_bench.hpp"

using namespace concd;
using namespace concd::test;
using namespace std::chrono_literals;
using job::Standing;
using job::State;

TEST_CASE_METHOD(RunningBench, "a job is cancelled by its user, by root, and by nobody else") {
  const auto job = download();
  CHECK(is_refused<control::NotPermitted>(cancel(job.id, k_other)));
  CHECK(get(job.id).state == State::running);
  SECTION("its user") {
    CHECK(cancel(job.id));
  }
  SECTION("root") {
    CHECK(cancel(job.id, k_root));
  }
  const auto cancelled = get(job.id);
  CHECK(cancelled.state == State::cancelled);
  CHECK(cancelled.failure->kind == job::FailureKind::cancelled);
  CHECK(cancelled.finished == time.realtime());
  CHECK(listener.story(job.id) == "accepted:queued cancelled:cancelled");
}

TEST_CASE_METHOD(RunningBench, "a job is cancelled in whatever state it is") {
  config.limits.active = 1;
  configure();
  const auto job = download();
  SECTION("running") {}
  SECTION("paused") {
    REQUIRE(pause(job.id));
    let_go(job.transfer);
  }
  SECTION("waiting") {
    fail(job.transfer, failure(job::RetryClass::retry));
  }
  SECTION("publishing") {
    deliver(job.transfer);
  }
  const auto cancelled = cancel(job.id);
  REQUIRE(cancelled);
  CHECK(cancelled->state == State::cancelled);
  if (get(job.id).attempts == 1 && publisher.dones.contains(job.transfer))
    publication_ends(job.transfer, {publish::Result::Kind::stopped, std::nullopt, false});
  else if (threads.stopped.size() == 1 && job::is<job::Running>(storage.transfers[job.transfer].phase))
    let_go(job.transfer);
  advance(1h);
  CHECK(threads.started.size() == 1);
  CHECK(storage.jobs.at(job.id).standing == Standing::cancelled);
}

TEST_CASE_METHOD(RunningBench, "a queued job that is cancelled is never started") {
  config.limits.active = 1;
  configure();
  const auto first = download(), second = download("https://example.org/2");
  REQUIRE(cancel(second.id));
  fetch(first.transfer);
  CHECK(threads.started.size() == 1);
}

TEST_CASE_METHOD(RunningBench, "what has ended cannot be cancelled") {
  const auto job = download();
  fetch(job.transfer);
  const auto refused = cancel(job.id);
  REQUIRE(is_refused<control::WrongState>(refused));
  CHECK(std::get<control::WrongState>(refused.error()).state == State::done);
  CHECK(std::get<control::WrongState>(refused.error()).verb == "Cancel");
  CHECK(is_refused<control::NoSuchJob>(cancel(99)));
}

TEST_CASE_METHOD(RunningBench, "an end that is being written down comes first") {
  const auto job = download();
  deliver(job.transfer);
  holds_answers = true;
  publish(job.transfer);
  const auto cancelled = ask_later<View>([&](auto reply) { service.cancel(job.id, k_user, reply); });
  const auto paused = ask_later<View>([&](auto reply) { service.pause(job.id, k_user, reply); });
  REQUIRE(cancelled->has_value());
  CHECK(is_refused<control::WrongState>(**cancelled));
  CHECK(is_refused<control::WrongState>(**paused));
  holds_answers = false;
  turn();
  CHECK(get(job.id).state == State::done);
}

TEST_CASE_METHOD(RunningBench, "cancelled twice at once it is cancelled once") {
  const auto job = download();
  const auto first = ask_later<View>([&](auto reply) { service.cancel(job.id, k_user, reply); });
  const auto second = ask_later<View>([&](auto reply) { service.cancel(job.id, k_user, reply); });
  turn();
  CHECK(first->value());
  CHECK(is_refused<control::WrongState>(second->value()));
}

TEST_CASE_METHOD(RunningBench, "a job may be cancelled while another change of it is being written down") {
  const auto job = download();
  const auto paused = ask_later<View>([&](auto reply) { service.pause(job.id, k_user, reply); });
  const auto raised =
      ask_later<View>([&](auto reply) { service.priority(job.id, job::Priority::high, k_user, reply); });
  const auto cancelled = ask_later<View>([&](auto reply) { service.cancel(job.id, k_user, reply); });
  turn();
  CHECK(paused->value());
  CHECK(raised->value());
  REQUIRE(cancelled->value());
  CHECK(listener.story(job.id) == "accepted:queued cancelled:cancelled");
  CHECK(storage.jobs.at(job.id).standing == Standing::cancelled);
}

TEST_CASE_METHOD(RunningBench, "what a full disk does not take of a cancellation is written when it does") {
  const auto job = download();
  storage.disk_is_full = true;
  CHECK(is_refused<control::StoreFailed>(pause(job.id)));
  CHECK(is_refused<control::StoreFailed>(cancel(job.id)));
  // Nobody hears of an end that a crash would undo.
  CHECK_FALSE(job::is_final(get(job.id).state));
  CHECK(threads.stopped.back() == job.transfer);
  CHECK(storage.jobs.at(job.id).standing == Standing::active);
  storage.disk_is_full = false;
  let_go(job.transfer);
  advance(10s);
  CHECK(storage.jobs.at(job.id).standing == Standing::cancelled);
  CHECK_THAT(listener.story(job.id), ContainsSubstring("cancelled:cancelled"));
  CHECK(download().transfer != job.transfer);
}

TEST_CASE_METHOD(RunningBench, "a job may be cancelled as a change that was refused is tried again") {
  const auto job = download();
  storage.disk_is_full = true;
  CHECK(is_refused<control::StoreFailed>(priority(job.id, job::Priority::low)));
  storage.disk_is_full = false;
  time.pass(2s);
  CHECK(cancel(job.id));
  CHECK(storage.jobs.at(job.id).standing == Standing::cancelled);
  CHECK(listener.story(job.id) == "accepted:queued cancelled:cancelled");
}

TEST_CASE_METHOD(RunningBench, "nothing is changed while the daemon stops") {
  const auto job = download();
  core.stop([] {});
  CHECK(is_refused<control::ShuttingDown>(cancel(job.id)));
}
