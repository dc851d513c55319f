#include "worker/process_executor.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "fake_bench.hpp"
#include "support/catch.hpp"
#include "util/file.hpp"
#include "worker/messages.hpp"
#include "worker/spawn.hpp"

using namespace concd;
using namespace concd::worker;
using Kind = job::Outcome::Kind;

TEST_CASE("what a worker reports arrives in order, and its outcome last") {
  FakeBench bench;
  CHECK(bench.run("good").kind == Kind::delivered);
  CHECK(bench.record.story == "started progress 10 checkpoint 4096 finished ");
  CHECK(bench.record.pid > 0);
  CHECK(bench.record.ids == std::vector<job::Id>{1});
}

TEST_CASE("a worker that is killed fails its task with the last checkpoint, to be tried again") {
  FakeBench bench;
  const auto& outcome = bench.run("killed");
  check_failed(outcome, "worker process " + std::to_string(bench.record.pid) + " was killed by SIGKILL");
  CHECK(outcome.checkpoint.durable() == 4096);
}

TEST_CASE("a worker that ends without an outcome fails its task and keeps the earlier checkpoint") {
  FakeBench bench;
  const auto& outcome = bench.run("exit 3");
  check_failed(outcome, "ended with exit code 3 and no outcome");
  CHECK(outcome.checkpoint.durable() == 100);
}

TEST_CASE("a worker whose report cannot be read is killed") {
  FakeBench bench;
  check_failed(bench.run("garbage"),
               "sent a report that cannot be read: message.progress.received is not a size");
}

TEST_CASE("a worker that floods the daemon is killed") {
  FakeBench bench;
  SECTION("with reports") {
    check_failed(bench.run("flood of reports"), "it sends without end");
  }
  SECTION("with one endless report") {
    check_failed(bench.run("flood of bytes"), "longer than 1 MiB");
  }
  SECTION("with starts") {
    check_failed(bench.run("started twice"), "it started twice");
  }
}

TEST_CASE("a report that is cut off is not believed") {
  FakeBench bench;
  check_failed(bench.run("cut off"), "worker process");
}

TEST_CASE("a worker that hangs up but stays is made to end") {
  auto settings = fake_settings();
  settings.stop_timeout = Microseconds(1);
  FakeBench bench(settings);
  check_failed(bench.run("hangs up"), "was killed by SIGTERM");
}

TEST_CASE("a worker that stays after its outcome is made to end, and the outcome counts") {
  auto settings = fake_settings();
  settings.stop_timeout = Microseconds(1);
  FakeBench bench(settings);
  CHECK(bench.run("stays after its outcome").kind == Kind::delivered);
}

TEST_CASE("a worker stops when it is asked to") {
  FakeBench bench;
  bench.record.when_started = [&] { bench.executor.stop(1); };
  const auto& outcome = bench.run("stops when asked");
  CHECK(outcome.kind == Kind::stopped);
  CHECK(outcome.validators.etag == "asked");
}

TEST_CASE("a worker that does not stop, not even by SIGTERM, is killed and counts as stopped") {
  auto settings = fake_settings();
  settings.stop_timeout = Microseconds(1);
  settings.term_timeout = Microseconds(1);
  FakeBench bench(settings);
  bench.record.when_started = [&] { bench.executor.stop(1); };
  const auto& outcome = bench.run("deaf");
  CHECK(outcome.kind == Kind::stopped);
  CHECK_FALSE(outcome.failure);
}

TEST_CASE("a worker that stops without being asked is tried again") {
  FakeBench bench;
  check_failed(bench.run("stops by itself"), "was told to end by somebody else");
}

TEST_CASE("a stop right after the start, or of nothing, is taken as it is") {
  FakeBench bench;
  bench.executor.stop(99);
  bench.executor.start(task("stops when asked"));
  bench.executor.stop(1);
  bench.loop.run();
  CHECK(bench.record.outcomes.front().kind == Kind::stopped);
}

TEST_CASE("a missing program is a final failure, reported from the loop") {
  auto settings = fake_settings();
  settings.program = "/nowhere/concd-worker";
  FakeBench bench(settings);
  const auto& outcome = bench.run("good");
  REQUIRE(outcome.failure);
  CHECK(outcome.failure->retry_class == job::RetryClass::none);
  CHECK(outcome.failure->message ==
        "a worker process cannot be started: /nowhere/concd-worker: No such file or directory");
  CHECK(outcome.checkpoint.durable() == 100);
}

TEST_CASE("no descriptors left is a failure that passes, reported from the loop") {
  FakeBench bench;
  const auto given = task("good");
  const auto free = open_file("/dev/null", O_RDONLY);
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  rlimit tight = before;
  tight.rlim_cur = static_cast<rlim_t>(free.get());
  setrlimit(RLIMIT_NOFILE, &tight);
  bench.executor.start(given);
  setrlimit(RLIMIT_NOFILE, &before);
  bench.loop.run();
  check_failed(bench.record.outcomes.front(), "Too many open files", job::RetryClass::local_resource);
}

TEST_CASE("a task that fits in no frame fails alone") {
  FakeBench bench;
  bench.record.expected = 2;
  bench.executor.start(task(std::string(2 << 20, 'u'), 1));
  bench.executor.start(task("good", 2));
  bench.loop.run();
  REQUIRE(bench.record.ids == std::vector<job::Id>{1, 2});
  CHECK(bench.record.outcomes[0].failure->retry_class == job::RetryClass::none);
  CHECK(bench.record.outcomes[1].kind == Kind::delivered);
}

TEST_CASE("a worker inherits nothing of the daemon's but its standard error") {
  // Not close-on-exec on purpose: what a library may leave open.
  const UniqueFd leak(::open("/dev/null", O_RDONLY));
  ::setenv("http_proxy", "http://evil", 1);
  ::setenv("UBSAN_OPTIONS", "print_stacktrace=1", 1);
  std::signal(SIGPIPE, SIG_IGN);
  FakeBench bench;
  const auto& outcome = bench.run("surroundings");
  std::signal(SIGPIPE, SIG_DFL);
  REQUIRE(outcome.failure);
  const auto& seen = outcome.failure->message;
  CHECK_THAT(seen, ContainsSubstring("fds 0 1 2 3 PATH=/usr/bin:/bin LANG=C.UTF-8"));
  CHECK_THAT(seen, ContainsSubstring(" UBSAN_OPTIONS=print_stacktrace=1 unblocked default 64 0"));
  CHECK_THAT(seen, !ContainsSubstring("http_proxy"));
}

TEST_CASE("a worker that is not heard for too long is killed, and its task may be tried again") {
  auto settings = fake_settings();
  settings.limits.silence = std::chrono::milliseconds(40);
  FakeBench bench(std::move(settings));
  check_failed(bench.run("deaf"), "was ended: it said nothing for");
}

TEST_CASE("that a worker is alive is nobody else's business") {
  FakeBench bench;
  check_failed(bench.run("is alive"), "said that it is alive", job::RetryClass::none);
  CHECK(bench.record.story == "started finished ");
}

TEST_CASE("a worker whose sandbox ended it is told as such, and its origin is not asked again") {
  FakeBench bench;
  check_failed(bench.run("breaks out"), "was ended by its sandbox (SIGSYS)", job::RetryClass::mirror);
}

TEST_CASE("a worker holds what tells how long it lives") {
  for (const int lowest : {0, k_worker_socket, k_worker_keepsake}) {
    const UniqueFd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const UniqueFd keepsake(::fcntl(file.get(), F_DUPFD_CLOEXEC, lowest));
    auto settings = fake_settings();
    settings.keepsake = keepsake.get();
    FakeBench bench(std::move(settings));
    CHECK_THAT(bench.run("surroundings").failure.value().message, ContainsSubstring("fds 0 1 2 3 4 PATH="));
  }
}

TEST_CASE("the task arrives as it was given") {
  FakeBench bench;
  const auto given = task("echo");
  const auto& outcome = bench.run(given);
  REQUIRE(outcome.failure);
  CHECK(outcome.failure->message == encode(Begin{given, ""}));
}

TEST_CASE("a task may be started again from its own outcome") {
  FakeBench bench;
  bench.record.expected = 2;
  bench.record.when_finished = [&] {
    if (bench.record.outcomes.size() == 1) bench.executor.start(task("good"));
  };
  bench.executor.start(task("killed"));
  bench.loop.run();
  CHECK(bench.record.outcomes[0].kind == Kind::failed);
  CHECK(bench.record.outcomes[1].kind == Kind::delivered);
}

TEST_CASE("many workers at once each end for themselves") {
  FakeBench bench;
  bench.record.expected = 8;
  for (job::Id id = 1; id <= 8; ++id) bench.executor.start(task(id % 2 == 0 ? "good" : "killed", id));
  bench.loop.run();
  for (std::size_t i = 0; i < 8; ++i)
    CHECK(bench.record.outcomes[i].kind == (bench.record.ids[i] % 2 == 0 ? Kind::delivered : Kind::failed));
}

TEST_CASE("workers that still run are killed and reaped with the executor") {
  {
    FakeBench bench;
    bench.record.when_started = [&] { bench.loop.exit(0); };
    bench.executor.start(task("deaf"));
    bench.loop.run();
  }
  CHECK(waitpid(-1, nullptr, WNOHANG) == -1);
  CHECK(errno == ECHILD);
}
