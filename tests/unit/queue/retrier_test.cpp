#include "queue/retrier.hpp"

#include <array>
#include <vector>

#include "sd/message_id.hpp"
#include "unit/queue/queue_bench.hpp"

using namespace concd;
using namespace concd::test;
using namespace std::chrono_literals;
using job::FailureKind;
using job::RetryClass;
using job::State;
using job::WaitKind;

namespace {

/// What a row knows of a transfer before its attempt fails.
struct Before {
  bool online = true;
  bool contacted = true;       ///< an origin has answered
  std::uint64_t durable = 0;   ///< bytes of the file that are here
  std::uint32_t failures = 0;  ///< the same one has happened so often before
};

struct Row {
  const char* what;
  RetryClass retry_class;
  FailureKind kind = FailureKind::network;
  Before before{};
  State state = State::waiting;
  WaitKind cause = WaitKind::retry;  ///< when it waits
  std::uint32_t tries = 0;
  std::uint32_t mirror = 0;
  const char* message = "it did not work";
};

constexpr Before k_offline{.online = false};
constexpr Before k_first{.contacted = false};

const std::vector<Row> k_rows{
    {"a final failure", RetryClass::none, FailureKind::server, {}, State::failed},
    {"a final failure offline", RetryClass::none, FailureKind::server, k_offline, State::failed},
    {"a failure that passes, on the next mirror",
     RetryClass::retry,
     FailureKind::network,
     {},
     State::waiting,
     WaitKind::retry,
     1,
     1},
    {"the same again, back on the first",
     RetryClass::retry,
     FailureKind::network,
     {.failures = 1},
     State::waiting,
     WaitKind::retry,
     2,
     0},
    {"a failure that passes, with a part that this mirror continues",
     RetryClass::retry,
     FailureKind::network,
     {.durable = 3},
     State::waiting,
     WaitKind::retry,
     1,
     0},
    {"too many failures",
     RetryClass::retry,
     FailureKind::network,
     {.failures = 9},
     State::failed,
     WaitKind::retry,
     9,
     1,
     "it did not work; given up after 10 tries without progress"},
    {"a host that cannot be connected to",
     RetryClass::host_backoff,
     FailureKind::network,
     {},
     State::waiting,
     WaitKind::retry,
     1,
     1},
    {"no route, online",
     RetryClass::offline,
     FailureKind::network,
     {},
     State::waiting,
     WaitKind::offline,
     0,
     1},
    {"no route, offline", RetryClass::offline, FailureKind::network, k_offline, State::waiting,
     WaitKind::offline, 0, 1},
    {"no route, offline, with a part",
     RetryClass::offline,
     FailureKind::network,
     {.online = false, .durable = 3},
     State::waiting,
     WaitKind::offline,
     0,
     0},
    {"no route, often, offline",
     RetryClass::offline,
     FailureKind::network,
     {.online = false, .failures = 20},
     State::waiting,
     WaitKind::offline,
     0,
     1},
    {"no route, of an origin that never answered",
     RetryClass::offline,
     FailureKind::network,
     {.contacted = false, .failures = 100},
     State::failed,
     WaitKind::offline,
     0,
     0,
     "it did not work; given up: no origin answered within 30s"},
    {"no first answer, for a while", RetryClass::retry, FailureKind::network, k_first, State::waiting,
     WaitKind::retry, 1, 1},
    {"a full disk",
     RetryClass::disk_space,
     FailureKind::file,
     {},
     State::waiting,
     WaitKind::disk_space,
     0,
     0},
    {"a full disk, often",
     RetryClass::disk_space,
     FailureKind::file,
     {.failures = 5},
     State::waiting,
     WaitKind::disk_space,
     0,
     0},
    {"a lack of this machine",
     RetryClass::local_resource,
     FailureKind::file,
     {},
     State::waiting,
     WaitKind::local_resource,
     0,
     0},
    {"a lack of this machine, often",
     RetryClass::local_resource,
     FailureKind::other,
     {.failures = 20},
     State::waiting,
     WaitKind::local_resource,
     0,
     0},
    {"a file that this mirror lacks",
     RetryClass::mirror,
     FailureKind::server,
     {},
     State::running,
     WaitKind::retry,
     0,
     1},
    {"a file that all mirrors lack",
     RetryClass::mirror,
     FailureKind::server,
     {.failures = 1},
     State::failed,
     WaitKind::retry,
     0,
     1},
};

struct RetryBench : RunningBench {
  void fail_once(const job::Transfer& transfer, const Row& row) {
    auto failed = outcome(job::Outcome::Kind::failed, transfer.id, row.before.durable);
    failed.contacted = row.before.contacted;
    failed.failure = failure(row.retry_class, row.kind);
    finish(transfer.id, failed);
  }
  View get_two_mirrors() {
    configure("[two]\nurls = [\"https://one/two\", \"https://other/two\"]\n");
    return download("two");
  }
};

}  // namespace

TEST_CASE("what follows a failure") {
  for (const auto& row : k_rows) {
    INFO(row.what);
    RetryBench bench;
    bench.online = row.before.online;
    // Nothing of what a full disk needs comes, but it is tried from time to time.
    bench.free = 0;
    const auto job = bench.get_two_mirrors();
    for (std::uint32_t i = 0; i <= row.before.failures; ++i) {
      if (bench.get(job.id).state == State::failed) break;
      bench.fail_once(bench.storage.transfers.at(job.transfer), row);
      if (i < row.before.failures && bench.get(job.id).state == State::waiting) bench.advance(10min);
    }
    const auto view = bench.get(job.id);
    const auto& transfer = bench.storage.transfers.at(job.transfer);
    CHECK(view.state == row.state);
    CHECK(view.failure->message == row.message);
    CHECK(transfer.history.tries == row.tries);
    if (row.state != State::failed || row.mirror != 0) CHECK(transfer.mirror == row.mirror);
    if (row.state != State::waiting) continue;
    REQUIRE(view.wait);
    CHECK(view.wait->cause->kind == row.cause);
    CHECK(view.wait->cause->message == row.message);
    CHECK(bench.journal.count(sd::message_id::job_waiting) == row.before.failures + 1);
    if (row.cause == WaitKind::disk_space) {
      CHECK(view.wait->until.count() == 0);
    } else {
      CHECK(view.wait->until >= bench.time.realtime());
      CHECK(view.wait->until <= bench.time.realtime() + 10min);
    }
  }
}

TEST_CASE_METHOD(RetryBench, "a wait ends at its time, and the next attempt follows") {
  const auto job = download();
  fail(job.transfer, failure(RetryClass::retry));
  const auto until = get(job.id).wait->until;
  advance(until - time.realtime() - 1us);
  CHECK(threads.started.size() == 1);
  advance(1us);
  CHECK(threads.started.size() == 2);
  CHECK(journal.count(sd::message_id::job_wait_ended) == 1);
}

TEST_CASE_METHOD(RetryBench, "what a server asks for is kept to") {
  const auto job = download();
  auto busy = failure(RetryClass::retry, FailureKind::server);
  SECTION("a while") {
    busy.retry_after = 1h;
    fail(job.transfer, busy);
    CHECK(get(job.id).wait->until >= time.realtime() + 1h);
  }
  SECTION("but not for ever") {
    busy.retry_after = 24h * 365;
    fail(job.transfer, busy);
    CHECK(get(job.id).state == State::failed);
  }
}

TEST_CASE_METHOD(RetryBench,
                 "a wait for space tells what is needed and what is free, and goes on when it comes") {
  auto wanted = request_for();
  const auto job = request(wanted);
  auto full = outcome(job::Outcome::Kind::failed, job->transfer, 300);
  full.checkpoint.total = 1000;
  full.failure = failure(RetryClass::disk_space, FailureKind::file);
  free = 100;
  finish(job->transfer, full);
  const auto view = get(job->id);
  REQUIRE(view.wait);
  CHECK(view.wait->cause->needed == 700 + config.transfer.min_free);
  CHECK(view.wait->cause->free == 100);
  CHECK(journal.of(sd::message_id::job_waiting).at(0).has("CONCD_BYTES_NEEDED=701"));
  free = 700;
  advance(1min);
  CHECK(threads.started.size() == 1);
  free = 701;
  advance(5s);
  CHECK(threads.started.size() == 2);
}

TEST_CASE_METHOD(RetryBench, "a disk that is full though it has what is missing must have more than now") {
  const auto job = download();
  free = 10 << 20;
  fail(job.transfer, failure(RetryClass::disk_space, FailureKind::file));
  CHECK(get(job.id).wait->cause->needed == (10 << 20) + 1);
  // Without more it is tried as well, since a quota cannot be seen.
  advance(5s);
  CHECK(threads.started.size() == 2);
}

TEST_CASE_METHOD(RetryBench, "a disk that was full for long is not looked at more rarely for that") {
  const auto job = download();
  const auto full = failure(RetryClass::disk_space, FailureKind::file);
  const auto tries_after = [&](Microseconds step) {
    const auto before = threads.started.size();
    advance(step);
    return threads.started.size() - before;
  };
  for (int i = 0; i < 6; ++i) {
    free = 0;
    fail(job.transfer, full);
    free = 10 << 20;
    REQUIRE(tries_after(5s) == 1);
  }
  // Others gave space back in the moment after the attempt had found none.
  fail(job.transfer, full);
  CHECK(tries_after(5s) == 1);
  // Now it is a riddle, until bytes come.
  fail(job.transfer, full);
  CHECK(tries_after(5s) == 0);
  CHECK(tries_after(5s) == 1);
  progress(job.transfer, 1);
  fail(job.transfer, full);
  CHECK(tries_after(5s) == 1);
}

TEST_CASE_METHOD(RetryBench, "a host that cannot be connected to is left alone by all, others are not") {
  const auto first = download("https://host/1"), second = download("https://host/2");
  fail(first.transfer, failure(RetryClass::host_backoff));
  const auto third = download("https://host/3"), other = download("https://other/1");
  CHECK_FALSE(runs(third.transfer));
  CHECK(runs(other.transfer));
  CHECK(get(third.id).wait->cause->kind == WaitKind::host_backoff);
  // A second one that fails the same way changes nothing.
  fail(second.transfer, failure(RetryClass::host_backoff));
  CHECK(journal.count(sd::message_id::held_back) == 1);
  advance(1s);
  CHECK(runs(third.transfer));
  CHECK(journal.count(sd::message_id::held_back_ended) == 1);
}

TEST_CASE_METHOD(RetryBench, "a host that has answered anybody is not given up for being silent at first") {
  auto silent = failure(RetryClass::offline);
  const auto known = download("https://host/1");
  progress(known.transfer, 1);
  const auto job = download("https://host/2");
  const auto unknown = download("https://nohost/2");
  for (int i = 0; i < 40; ++i) {
    for (const auto id : {job.transfer, unknown.transfer}) {
      auto failed = outcome(job::Outcome::Kind::failed, id);
      failed.contacted = false;
      failed.failure = silent;
      if (get(id == job.transfer ? job.id : unknown.id).state == State::running) finish(id, failed);
    }
    advance(10min);
  }
  CHECK(get(job.id).state != State::failed);
  CHECK(get(unknown.id).state == State::failed);
}

TEST_CASE_METHOD(RetryBench, "the waits between tries count for the timeout of the first contact") {
  const auto begin = time.boottime();
  const auto job = download();
  for (int i = 0; i < 1000 && get(job.id).state == State::running; ++i) {
    auto failed = outcome(job::Outcome::Kind::failed, job.transfer);
    failed.contacted = false;
    failed.failure = failure(RetryClass::offline);
    finish(job.transfer, failed);
    if (const auto view = get(job.id); view.wait) advance(view.wait->until - time.realtime());
  }
  CHECK(get(job.id).state == State::failed);
  CHECK(time.boottime() - begin >= 30s);
  CHECK(time.boottime() - begin <= 31s);
}

TEST_CASE_METHOD(RetryBench, "the time without progress runs only while somebody wants the transfer") {
  config.retry.no_progress_timeout = 1h;
  configure();
  const auto job = download();
  const auto fail_once = [&] { fail(job.transfer, failure(RetryClass::local_resource)); };
  SECTION("it is given up when it is over") {
    advance(1h);
    fail_once();
    CHECK(get(job.id).state == State::failed);
    CHECK_THAT(get(job.id).failure->message, ContainsSubstring("given up: no progress for 1h"));
  }
  SECTION("a pause does not count") {
    advance(30min);
    REQUIRE(pause(job.id));
    let_go(job.transfer);
    advance(1h);
    REQUIRE(resume(job.id));
    fail_once();
    CHECK(get(job.id).state == State::waiting);
  }
  SECTION("a suspended machine does not count") {
    time.suspend(2h);
    fail_once();
    CHECK(get(job.id).state == State::waiting);
  }
  SECTION("bytes that come begin it anew") {
    advance(59min);
    progress(job.transfer, 1);
    advance(59min);
    fail_once();
    CHECK(get(job.id).state == State::waiting);
  }
}

TEST_CASE_METHOD(RetryBench, "the next mirror is tried at once, and told") {
  const auto job = get_two_mirrors();
  fail(job.transfer, failure(RetryClass::mirror, FailureKind::server));
  CHECK(threads.tasks.at(job.transfer).url == "https://other/two");
  CHECK(get(job.id).url == "https://other/two");
  CHECK(journal.count(sd::message_id::job_next_mirror) == 1);
  CHECK(storage.transfers.at(job.transfer).mirror == 1);
}
