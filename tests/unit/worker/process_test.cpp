// concd-worker itself, as the executor runs it.

#include <csignal>
#include <fstream>
#include <string>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "archive_maker.hpp"
#include "event/child.hpp"
#include "record.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "util/file.hpp"
#include "worker/channel.hpp"
#include "worker/messages.hpp"
#include "worker/process/settings.hpp"
#include "worker/spawn.hpp"

using namespace concd;
using namespace concd::worker;
using Kind = job::Outcome::Kind;
namespace fs = std::filesystem;

namespace {

/// A folder to download into, and what a worker may read below it.
struct Place {
  [[nodiscard]] Settings settings() const {
    engine::Settings transfers;
    transfers.file_roots = {folder.path() / "origin"};
    Settings settings;
    settings.program = CONCD_WORKER;
    settings.memory = CONCD_WORKER_MEMORY;
    settings.transfer = encode_settings(transfers);
    return settings;
  }

  [[nodiscard]] job::Task task(const std::string& url) const {
    job::Task task;
    task.id = 1;
    task.url = url;
    task.partial = folder.path() / "1.part";
    task.destination = folder.path() / "result";
    return task;
  }

  [[nodiscard]] std::string origin_url(const std::string& name) const {
    return "file://" + (folder.path() / "origin" / name).string();
  }

  /// Bytes in partial files.
  [[nodiscard]] std::uintmax_t partial_bytes() const {
    std::uintmax_t bytes = 0;
    for (const auto& entry : fs::directory_iterator(folder.path()))
      if (entry.path().extension() == ".part") bytes += entry.file_size();
    return bytes;
  }

  test::TemporaryFolder folder;
};

/// A real worker and the daemon's end of its socket, without an executor.
struct Alone {
  explicit Alone(const Settings& settings) : Alone(spawn(settings)) {}

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
            loop, std::move(spawned.socket),
            [this](const std::string& text) {
              const auto report = decode_report(text);
              REQUIRE(report);
              if (on_report) on_report(*report);
            },
            [](const std::string&) {}) {}
};

}  // namespace

TEST_CASE("a worker fetches what the built-in origin has") {
  const Place place;
  Bench bench(place.settings());
  bench.executor.start(place.task("sim:Archivo2.txt"));
  bench.loop.run();
  const auto& outcome = bench.record.outcomes.front();
  INFO((outcome.failure ? outcome.failure->message : ""));
  REQUIRE(outcome.kind == Kind::published);
  const auto text = read_text(place.folder.path() / "result");
  CHECK_THAT(text, ContainsSubstring("Contenido de Archivo2.txt"));
  CHECK(outcome.size == text.size());
  CHECK_THAT(bench.record.story, ContainsSubstring("started progress "));
}

TEST_CASE("a worker unpacks what it fetched") {
  const Place place;
  fs::create_directory(place.folder.path() / "origin");
  ArchiveMaker(place.folder.path() / "origin/a.tar.gz", ArchiveMaker::Format::tar_gzip)
      .file("sub/file", "text");
  Bench bench(place.settings());
  auto task = place.task(place.origin_url("a.tar.gz"));
  task.unpack = true;
  bench.executor.start(task);
  bench.loop.run();
  const auto& outcome = bench.record.outcomes.front();
  INFO((outcome.failure ? outcome.failure->message : ""));
  REQUIRE(outcome.kind == Kind::published);
  CHECK(read_text(place.folder.path() / "result/sub/file") == "text");
  CHECK(place.partial_bytes() == 0);
}

TEST_CASE("what a worker refuses comes back as it is, and nothing is published") {
  const Place place;
  const auto origin = place.folder.write("origin/page.html", "<html>no archive</html>");
  Bench bench(place.settings());
  auto task = place.task(place.origin_url("page.html"));
  task.unpack = true;
  bench.executor.start(task);
  bench.loop.run();
  const auto& outcome = bench.record.outcomes.front();
  REQUIRE(outcome.failure);
  CHECK(outcome.failure->kind == job::FailureKind::verification);
  CHECK(outcome.failure->retry_class == job::RetryClass::none);
  CHECK_FALSE(fs::exists(place.folder.path() / "result"));
}

TEST_CASE("a worker that is asked to stop keeps what it has, and another goes on from there") {
  const Place place;
  std::uint64_t durable = 0;
  job::Checkpoint checkpoint;
  {
    Bench bench(place.settings());
    bench.record.when_progress = [&](const job::Progress&) { bench.executor.stop(1); };
    bench.executor.start(place.task("sim:text"));
    bench.loop.run();
    REQUIRE(bench.record.outcomes.front().kind == Kind::stopped);
    checkpoint = bench.record.outcomes.front().checkpoint;
    durable = checkpoint.durable;
    CHECK(durable > 0);
    CHECK(place.partial_bytes() == durable);
  }
  Bench bench(place.settings());
  auto task = place.task("sim:text");
  task.checkpoint = checkpoint;
  bench.executor.start(task);
  bench.loop.run();
  const auto& outcome = bench.record.outcomes.front();
  CHECK(outcome.kind == Kind::published);
  CHECK(outcome.fetched == outcome.size - durable);
}

TEST_CASE("a worker whose daemon is gone keeps what it has and ends") {
  const Place place;
  Alone alone(place.settings());
  alone.on_report = [&](const Report& report) {
    if (std::holds_alternative<job::Progress>(report)) alone.channel.close();
  };
  alone.channel.send(encode(Begin{place.task("sim:text"), place.settings().transfer}));
  const auto how = alone.run();
  CHECK(how.exited);
  CHECK(how.status == 0);
  CHECK(place.partial_bytes() > 0);
  CHECK_FALSE(fs::exists(place.folder.path() / "result"));
}

TEST_CASE("a worker that somebody ends by SIGTERM reports what it has") {
  const Place place;
  Bench bench(place.settings());
  bench.record.when_progress = [&](const job::Progress&) { ::kill(bench.record.pid, SIGTERM); };
  bench.executor.start(place.task("sim:text"));
  bench.loop.run();
  const auto& outcome = bench.record.outcomes.front();
  REQUIRE(outcome.failure);
  CHECK_THAT(outcome.failure->message, ContainsSubstring("was told to end by somebody else"));
  CHECK(outcome.checkpoint.durable > 0);
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
  alone.channel.send(encode(Begin{place.task("sim:text"), place.settings().transfer}));
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
