#include "worker/executor.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "files.hpp"
#include "record.hpp"
#include "support/catch.hpp"
#include "util/file.hpp"
#include "worker/messages.hpp"
#include "worker/spawn.hpp"

using namespace concd;
using namespace concd::worker;
using Kind = job::Outcome::Kind;

namespace {

Settings fake_settings() {
  Settings settings;
  settings.program = CONCD_FAKE_WORKER;
  settings.memory = 0;
  return settings;
}

job::Task task(const std::string& url, job::Id id = 1) {
  job::Task result;
  result.id = id;
  result.url = url;
  result.kept = unnamed_file(std::string(100, 'k'));
  result.checkpoint.part = 1;
  result.checkpoint.set_durable(100);
  result.fresh = unnamed_file();
  result.fresh_part = 2;
  return result;
}

/// An executor of fake workers.
struct FakeBench : Bench {
  explicit FakeBench(Settings settings = fake_settings()) : Bench(std::move(settings)) {}

  const job::Outcome& run(const std::string& url) { return run(task(url)); }

  const job::Outcome& run(const job::Task& given) {
    executor.start(given);
    CHECK(record.outcomes.empty());
    loop.run();
    REQUIRE(record.outcomes.size() == 1);
    CHECK(waitpid(-1, nullptr, WNOHANG) == -1);
    return record.outcomes.front();
  }
};

void check_failed(const job::Outcome& outcome, const std::string& message,
                  job::RetryClass retry_class = job::RetryClass::retry) {
  CHECK(outcome.kind == Kind::failed);
  REQUIRE(outcome.failure);
  CHECK(outcome.failure->kind == job::FailureKind::other);
  CHECK(outcome.failure->retry_class == retry_class);
  CHECK_THAT(outcome.failure->message, ContainsSubstring(message));
}

}  // namespace

TEST_CASE("what a worker reports arrives in order, and its outcome last") {
  FakeBench bench;
  CHECK(bench.run("good").kind == Kind::delivered);
  CHECK(bench.record.story == "started progress 10 checkpoint 4096 finished ");
  CHECK(bench.record.pid > 0);
  CHECK(bench.record.ids == std::vector<job::Id>{1});
}

TEST_CASE("a worker writes into the files that it was handed, and the daemon learns no digest from it") {
  FakeBench bench;
  SECTION("the fresh one") {
    const auto given = task("good");
    const auto& outcome = bench.run(given);
    CHECK(content_of(given.fresh) == std::string(4096, 'x'));
    CHECK(outcome.checkpoint.part == 2);
    CHECK(outcome.digest.empty());
  }
  SECTION("the one that was kept") {
    const auto given = task("continues");
    const auto& outcome = bench.run(given);
    CHECK(outcome.kind == Kind::delivered);
    CHECK(content_of(given.kept) == std::string(4096, 'x'));
    CHECK(content_of(given.fresh).empty());
  }
  SECTION("the fresh one, where nothing was kept") {
    auto given = task("good");
    given.kept = nullptr;
    given.checkpoint = {};
    CHECK(bench.run(given).kind == Kind::delivered);
    CHECK(content_of(given.fresh) == std::string(4096, 'x'));
  }
}

TEST_CASE("a delivery that the file contradicts is a failed verification, and nothing is kept") {
  FakeBench bench;
  const auto check = [&](const std::string& url, const std::string& message) {
    const auto& outcome = bench.run(url);
    CHECK(outcome.kind == Kind::failed);
    REQUIRE(outcome.failure);
    CHECK(outcome.failure->kind == job::FailureKind::verification);
    CHECK(outcome.failure->message == message);
    CHECK(outcome.checkpoint == job::Checkpoint{});
  };
  SECTION("shorter") {
    check("delivers a short file", "the worker says 4097 bytes, the file has 4096");
  }
  SECTION("longer") {
    check("delivers a long file", "the worker says 4095 bytes, the file has 4096");
  }
  SECTION("empty") {
    check("delivers nothing", "the worker says 4096 bytes, the file has 0");
  }
  SECTION("missing") {
    check("delivers no file",
          "the worker says that 4096 bytes are in the partial file 0, which it was not given");
  }
  SECTION("another one") {
    check("delivers another file",
          "the worker says that 4096 bytes are in the partial file 3, which it was not given");
  }
  SECTION("with more synced than it has") {
    check("delivers more than is there", "the worker says that 4097 bytes are synced, the file has 4096");
  }
}

TEST_CASE("a worker that reports what cannot be true is killed, and its earlier checkpoint counts") {
  FakeBench bench;
  const auto check = [&](const job::Task& given, const std::string& offence) {
    const auto& outcome = bench.run(given);
    check_failed(outcome, "was ended: it " + offence);
    CHECK(outcome.checkpoint == given.checkpoint);
    CHECK_THAT(bench.record.story, !ContainsSubstring("checkpoint"));
  };
  SECTION("a partial file that it was not given") {
    check(task("names a wrong part"), "named the partial file 3, which it was not given");
  }
  SECTION("a partial file that was not kept") {
    auto given = task("names an earlier part that is gone");
    given.kept = nullptr;
    check(given, "named the partial file 1, which it was not given");
  }
  SECTION("a partial file that it was not given, in its outcome") {
    check(task("stops in a wrong part"), "named the partial file 3, which it was not given");
  }
  SECTION("more than the file has") {
    check(task("syncs what is not there"), "says that 4097 bytes are synced, the file has 4096");
  }
  SECTION("a URL that is not the task's") {
    check(task("names a foreign URL"), "named a URL that it was not given");
  }
  SECTION("more than a file can have") {
    check(task("too much progress"),
          "sent a report that cannot be read: message.progress.received is too large");
  }
  SECTION("an answer to what nobody asked") {
    check(task("unchanged"), "says that the published file is still right, and was not asked");
  }
  SECTION("the end of another order") {
    check(task("unpacks"), "reported what it was not asked for");
  }
}

TEST_CASE("what is published is confirmed by a worker that was asked about it") {
  FakeBench bench;
  auto given = task("unchanged");
  given.published.etag = "\"old\"";
  CHECK(bench.run(given).kind == Kind::unchanged);
}

TEST_CASE("a worker that sends a descriptor is killed, and the daemon does not get it") {
  FakeBench bench;
  const auto open = [] { return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}); };
  auto given = task("descriptor");
  const auto before = open();
  check_failed(bench.run(given), "was ended: it sent descriptors that nobody asked for");
  CHECK(open() <= before);
  CHECK(bench.record.story == "finished ");
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

TEST_CASE("a worker that sends what is no report is killed") {
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
