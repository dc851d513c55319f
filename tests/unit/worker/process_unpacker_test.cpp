#include "worker/process_unpacker.hpp"

#include <optional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>

#include "files.hpp"
#include "record.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "util/file.hpp"
#include "worker/unpack_limits.hpp"

using namespace concd;
using namespace concd::worker;

namespace {

WorkerSettings fake_settings() {
  WorkerSettings settings;
  settings.program = CONCD_FAKE_WORKER;
  settings.limits.memory = 0;
  return settings;
}

/// An unpacker of fake workers, which ends its loop with the last expected end.
struct UnpackBench {
  void start(job::Id id, const std::string& archive) {
    auto folder = std::make_shared<const UniqueFd>(open_file(place.path(), O_RDONLY | O_DIRECTORY));
    unpacker.start(id, unnamed_file(archive), folder, [this, id](std::optional<job::Failure> failure) {
      ids.push_back(id);
      failures.push_back(std::move(failure));
      if (when_done) when_done();
      if (ids.size() >= expected) loop.exit(0);
    });
  }

  const std::optional<job::Failure>& run(const std::string& archive) {
    start(1, archive);
    CHECK(ids.empty());
    loop.run();
    REQUIRE(ids.size() == 1);
    CHECK(waitpid(-1, nullptr, WNOHANG) == -1);
    return failures.front();
  }

  test::TemporaryFolder place;
  ParentLoop loop;
  std::function<void()> when_done;
  std::size_t expected = 1;
  std::vector<job::Id> ids;
  std::vector<std::optional<job::Failure>> failures;
  ProcessUnpacker unpacker{loop, fake_settings()};
};

void check_failed(const std::optional<job::Failure>& failure, const std::string& message,
                  job::RetryClass retry_class = job::RetryClass::retry) {
  REQUIRE(failure);
  CHECK(failure->retry_class == retry_class);
  CHECK_THAT(failure->message, ContainsSubstring(message));
}

}  // namespace

TEST_CASE("an archive is handed to a worker with the folder for what it holds") {
  UnpackBench bench;
  CHECK_FALSE(bench.run("good"));
  CHECK(std::filesystem::exists(bench.place.path() / "made"));
}

TEST_CASE("what a worker says about an archive is passed on") {
  UnpackBench bench;
  check_failed(bench.run("bad"), "a bomb", job::RetryClass::none);
  CHECK(bench.failures.front()->kind == job::FailureKind::verification);
}

TEST_CASE("processor time and files are limited by what the archive may hold") {
  UnpackBench bench;
  const auto bytes = unpack_limits(std::string_view("limits").size()).bytes;
  // A minute, what 4 MiB a second need, and the grace from SIGXCPU to SIGKILL.
  const auto seconds = 60 + bytes / (4 << 20) + 5;
  check_failed(bench.run("limits"), std::to_string(seconds) + " " + std::to_string(bytes),
               job::RetryClass::none);
}

TEST_CASE("an archive that takes too much of the processor is not tried again") {
  UnpackBench bench;
  check_failed(bench.run("spins"), "used more processor time", job::RetryClass::mirror);
}

TEST_CASE("a worker that dies of an archive fails it") {
  UnpackBench bench;
  check_failed(bench.run("killed"), "was killed by SIGKILL");
}

TEST_CASE("a worker that reports what is not its order's is killed") {
  UnpackBench bench;
  SECTION("an attempt's end") {
    check_failed(bench.run("transfers"), "was ended: it reported what it was not asked for");
  }
  SECTION("two starts") {
    check_failed(bench.run("started twice"), "was ended: it started twice");
  }
}

TEST_CASE("a worker whose archive nobody wants any more is killed") {
  UnpackBench bench;
  bench.start(1, "deaf");
  bench.unpacker.stop(99);
  bench.unpacker.stop(1);
  CHECK(bench.ids.empty());
  bench.loop.run();
  check_failed(bench.failures.front(), "the unpacking was stopped");
  CHECK(waitpid(-1, nullptr, WNOHANG) == -1);
}

TEST_CASE("a missing program fails the archive, reported from the loop") {
  UnpackBench bench;
  auto settings = fake_settings();
  settings.program = "/nowhere/concd-worker";
  bench.unpacker.set_settings(settings);
  check_failed(bench.run("good"), "a worker process cannot be started: /nowhere/concd-worker",
               job::RetryClass::none);
}

TEST_CASE("beyond a few, archives wait in order for one to end") {
  UnpackBench bench;
  bench.expected = 6;
  for (job::Id id = 1; id <= static_cast<job::Id>(k_max_unpackings); ++id) bench.start(id, "deaf");
  for (job::Id id = 11; id <= 13; ++id) bench.start(id, "good");
  // Whoever starts from now on fails by it.
  auto settings = fake_settings();
  settings.program = "/nowhere/concd-worker";
  bench.unpacker.set_settings(settings);
  bench.start(14, "good");
  bench.unpacker.stop(12);
  bench.when_done = [&] {
    if (bench.ids.size() == 1) bench.unpacker.stop(1);
    if (bench.ids.size() == 5) bench.unpacker.stop(2);
  };
  bench.loop.run();
  REQUIRE(bench.ids == std::vector<job::Id>{12, 1, 11, 13, 14, 2});
  check_failed(bench.failures[0], "the unpacking was stopped");
  for (const std::size_t waited : {2U, 3U, 4U})
    check_failed(bench.failures[waited], "cannot be started", job::RetryClass::none);
}

TEST_CASE("an archive may be given again from its own end") {
  UnpackBench bench;
  bench.expected = 2;
  bench.when_done = [&] {
    if (bench.ids.size() == 1) bench.start(1, "good");
  };
  bench.start(1, "killed");
  bench.loop.run();
  CHECK(bench.failures[0]);
  CHECK_FALSE(bench.failures[1]);
}

TEST_CASE("workers that still unpack are killed and reaped with the unpacker") {
  {
    UnpackBench bench;
    bench.start(1, "deaf");
    bench.start(2, "deaf");
    bench.start(3, "good");
  }
  CHECK(waitpid(-1, nullptr, WNOHANG) == -1);
  CHECK(errno == ECHILD);
}
