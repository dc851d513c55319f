// concd-worker itself, as the executor runs it.

#include <csignal>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "archive_maker.hpp"
#include "event/child.hpp"
#include "files.hpp"
#include "record.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "util/file.hpp"
#include "worker/channel.hpp"
#include "worker/messages.hpp"
#include "worker/process/settings.hpp"
#include "worker/process_unpacker.hpp"
#include "worker/spawn.hpp"

using namespace concd;
using namespace concd::worker;
using Kind = job::Outcome::Kind;
namespace fs = std::filesystem;

namespace {

/// What a worker may read, and the settings that say so.
struct Place {
  [[nodiscard]] WorkerSettings settings() const {
    engine::Settings transfers;
    transfers.file_roots = {folder.path() / "origin"};
    WorkerSettings settings;
    settings.program = CONCD_WORKER;
    settings.limits.memory = CONCD_WORKER_MEMORY;
    settings.transfer = encode_settings(transfers);
    return settings;
  }

  [[nodiscard]] std::string origin_url(const std::string& name) const {
    return "file://" + (folder.path() / "origin" / name).string();
  }

  test::TemporaryFolder folder;
};

job::Task task(const std::string& url) {
  job::Task task;
  task.id = 1;
  task.url = url;
  task.fresh = unnamed_file();
  task.fresh_part = 1;
  return task;
}

/// Begins what the task says, as the executor does.
void begin(Channel& channel, const job::Task& task, const WorkerSettings& settings) {
  const Begin order{task, settings.transfer};
  channel.send(encode(order), descriptors_of(order));
}

/// A real worker and the daemon's end of its socket, without an executor.
struct Alone {
  explicit Alone(const WorkerSettings& settings) : Alone(spawn(settings, {})) {}

  event::ChildExit run() {
    loop.run();
    return seen;
  }

  event::Loop loop;
  event::ChildExit seen;
  std::function<void(const Report&)> on_report;
  event::Child child;
  Channel channel;

 private:
  explicit Alone(Spawned spawned)
      : child(loop, spawned.pid,
              [this](event::ChildExit how) {
                seen = how;
                loop.exit(0);
              }),
        channel(
            loop, std::move(spawned.socket), Descriptors::refused,
            [this](const std::string& text, const std::vector<UniqueFd>&) {
              const auto report = decode_report(text);
              REQUIRE(report);
              if (on_report) on_report(*report);
            },
            [](const std::string&) {}) {}
};

}  // namespace

TEST_CASE("a worker fetches what the built-in origin has into the file that it was handed") {
  const Place place;
  Bench bench(place.settings());
  const auto given = task("sim:Archivo2.txt");
  bench.executor.start(given);
  bench.loop.run();
  const auto& outcome = bench.record.outcomes.front();
  INFO((outcome.failure ? outcome.failure->message : ""));
  REQUIRE(outcome.kind == Kind::delivered);
  const auto text = content_of(given.fresh);
  CHECK_THAT(text, ContainsSubstring("Contenido de Archivo2.txt"));
  CHECK(outcome.size == text.size());
  CHECK(outcome.checkpoint.part == 1);
  CHECK(outcome.digest.empty());
  CHECK_THAT(bench.record.story, ContainsSubstring("started progress "));
}

TEST_CASE("a worker fetches a file that it may read, and no other") {
  const Place place;
  place.folder.write("origin/a", "text");
  place.folder.write("secret", "secret");
  Bench bench(place.settings());
  bench.record.expected = 2;
  auto good = task(place.origin_url("a"));
  auto bad = task(place.origin_url("../secret"));
  bad.id = 2;
  bench.executor.start(good);
  bench.executor.start(bad);
  bench.loop.run();
  CHECK(content_of(good.fresh) == "text");
  CHECK(content_of(bad.fresh).empty());
}

TEST_CASE("a worker unpacks an archive that it was handed into the folder that it was handed") {
  const Place place;
  fs::create_directory(place.folder.path() / "out");
  const auto open = [&](const char* name, int flags) {
    return std::make_shared<const UniqueFd>(open_file(place.folder.path() / name, flags));
  };
  ParentLoop loop;
  ProcessUnpacker unpacker(loop, place.settings());
  std::optional<job::Failure> failure;
  const auto run = [&] {
    unpacker.start(1, open("archive", O_RDONLY), open("out", O_RDONLY | O_DIRECTORY),
                   [&](std::optional<job::Failure> how) {
                     failure = std::move(how);
                     loop.exit(0);
                   });
    loop.run();
  };
  SECTION("a good one") {
    ArchiveMaker(place.folder.path() / "archive", ArchiveMaker::Format::tar_gzip).file("sub/file", "text");
    run();
    INFO((failure ? failure->message : ""));
    CHECK_FALSE(failure);
    CHECK(read_text(place.folder.path() / "out/sub/file") == "text");
  }
  SECTION("one that is refused") {
    place.folder.write("archive", "<html>not an archive</html>");
    run();
    REQUIRE(failure);
    CHECK(failure->kind == job::FailureKind::verification);
    CHECK(failure->retry_class == job::RetryClass::none);
  }
}

TEST_CASE("a worker that is asked to stop keeps what it has, and another goes on from there") {
  const Place place;
  const auto first = task("sim:text");
  job::Checkpoint checkpoint;
  {
    Bench bench(place.settings());
    bench.record.when_progress = [&](const job::Progress&) { bench.executor.stop(1); };
    bench.executor.start(first);
    bench.loop.run();
    REQUIRE(bench.record.outcomes.front().kind == Kind::stopped);
    checkpoint = bench.record.outcomes.front().checkpoint;
    CHECK(checkpoint.durable() > 0);
    CHECK(content_of(first.fresh).size() == checkpoint.durable());
  }
  Bench bench(place.settings());
  auto second = task("sim:text");
  second.checkpoint = checkpoint;
  second.kept = first.fresh;
  second.fresh_part = 2;
  bench.executor.start(second);
  bench.loop.run();
  const auto& outcome = bench.record.outcomes.front();
  CHECK(outcome.kind == Kind::delivered);
  CHECK(outcome.checkpoint.part == 1);
  CHECK(outcome.fetched == outcome.size - checkpoint.durable());
}

TEST_CASE("a worker whose daemon is gone keeps what it has and ends") {
  const Place place;
  Alone alone(place.settings());
  alone.on_report = [&](const Report& report) {
    if (std::holds_alternative<job::Progress>(report)) alone.channel.close();
  };
  const auto given = task("sim:text");
  begin(alone.channel, given, place.settings());
  const auto how = alone.run();
  CHECK(how.exited);
  CHECK(how.status == 0);
  CHECK_FALSE(content_of(given.fresh).empty());
}

TEST_CASE("a worker that somebody ends by SIGTERM reports what it has") {
  const Place place;
  Bench bench(place.settings());
  bench.record.when_progress = [&](const job::Progress&) { ::kill(bench.record.pid, SIGTERM); };
  bench.executor.start(task("sim:text"));
  bench.loop.run();
  const auto& outcome = bench.record.outcomes.front();
  REQUIRE(outcome.failure);
  CHECK_THAT(outcome.failure->message, ContainsSubstring("was told to end by somebody else"));
  CHECK(outcome.checkpoint.durable() > 0);
}

TEST_CASE("a worker gives up gaining privileges") {
  const Place place;
  Alone alone(place.settings());
  std::string status;
  alone.on_report = [&](const Report& report) {
    if (!std::holds_alternative<Started>(report)) return;
    status = read_text("/proc/" + std::to_string(alone.child.pid()) + "/status");
    alone.channel.close();
  };
  begin(alone.channel, task("sim:text"), place.settings());
  alone.run();
  CHECK_THAT(status, ContainsSubstring("NoNewPrivs:\t1"));
}

TEST_CASE("a worker that nobody gives a task ends") {
  const Place place;
  Alone alone(place.settings());
  SECTION("when the daemon hangs up") {
    alone.channel.close();
    CHECK(alone.run().status == 0);
  }
  SECTION("when it is asked to stop") {
    alone.channel.send(encode(Stop{}));
    CHECK(alone.run().status == 0);
  }
  CHECK(alone.seen.exited);
}

TEST_CASE("a worker takes no task whose descriptors are not what it says") {
  const Place place;
  Alone alone(place.settings());
  const auto null = open_file("/dev/null", O_RDWR);
  alone.channel.send(encode(Begin{task("sim:text"), place.settings().transfer}), {null.get()});
  const auto how = alone.run();
  CHECK(how.exited);
  CHECK(how.status != 0);
}
