#include "engine/publish.hpp"

#include <sys/stat.h>

#include "bench.hpp"
#include "engine/tree.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::test;
using namespace concd::engine;
using Kind = job::Outcome::Kind;
namespace fs = std::filesystem;

namespace {

/// A partial file that is whole, ready to be published.
struct Ready {
  explicit Ready(const std::string& text = "whole") : task(bench.task("http://h/f")), size(text.size()) {
    write(task.partial, text);
    file = std::make_unique<PartFile>(PartFile::reopen(task.partial, size));
  }

  job::Outcome publish() {
    return engine::publish({*file, task, size, Microseconds(0), "", true, checkpoint, unpack, stop});
  }

  Bench bench;
  job::Task task;
  std::uint64_t size;
  std::unique_ptr<PartFile> file;
  job::Checkpoint checkpoint;
  Settings::Unpack unpack;
  std::atomic<bool> stop{false};
};

}  // namespace

TEST_CASE("a partial file takes the place of a folder that an interrupted publication left there") {
  const Bench bench;
  const auto path = bench.task("http://h/f").partial;
  fs::create_directories(path / "inner");
  write(path / "inner" / "file", "old");
  auto file = PartFile::create(path);
  file.write(0, "new");
  CHECK(read(path) == "new");
}

TEST_CASE("publishing replaces the old file; its readers keep theirs") {
  Ready ready("new");
  write(ready.task.destination, "old");
  std::unique_ptr<FILE, int (*)(FILE*)> reader(fopen(ready.task.destination.c_str(), "r"), fclose);
  CHECK(ready.publish().kind == Kind::published);
  CHECK(read(ready.task.destination) == "new");
  char text[4] = {};
  CHECK(fread(text, 1, 3, reader.get()) == 3);
  CHECK(std::string(text) == "old");
}

TEST_CASE("what cannot be put in place is kept for another try") {
  Ready ready("whole");
  fs::remove_all(ready.bench.folder() / "library");
  const auto outcome = ready.publish();
  REQUIRE(outcome.kind == Kind::failed);
  CHECK(outcome.failure->kind == job::FailureKind::file);
  CHECK(outcome.checkpoint.durable == ready.size);
  CHECK(read(ready.task.partial) == "whole");
}

TEST_CASE("a stop during the final check keeps the file") {
  Ready ready("whole");
  ready.task.digest = sha256("whole");
  ready.stop = true;
  const auto outcome = ready.publish();
  CHECK(outcome.kind == Kind::stopped);
  CHECK(outcome.checkpoint.durable == ready.size);
}

TEST_CASE("an archive is unpacked beside and put in place in one step") {
  Ready ready("archive");
  ready.task.unpack = true;
  fs::create_directory(ready.task.destination);
  write(ready.task.destination / "old", "old");
  ready.unpack = [&](const fs::path& archive, const fs::path& folder) -> std::optional<job::Failure> {
    CHECK(read(archive) == "archive");
    CHECK_FALSE(fs::exists(folder));
    fs::create_directories(folder / "sub");
    write(folder / "sub" / "new", "new");
    fs::create_symlink("nowhere", folder / "link");
    return std::nullopt;
  };
  CHECK(ready.publish().kind == Kind::published);
  CHECK(read(ready.task.destination / "sub" / "new") == "new");
  CHECK_FALSE(fs::exists(ready.task.destination / "old"));
  CHECK(fs::is_empty(ready.bench.folder() / "partial"));
}

TEST_CASE("a failed unpacking leaves the old folder as it was") {
  Ready ready("archive");
  ready.task.unpack = true;
  fs::create_directory(ready.task.destination);
  write(ready.task.destination / "old", "old");
  ready.unpack = [&](const fs::path&, const fs::path& folder) {
    fs::create_directory(folder);
    return job::Failure{job::FailureKind::other, job::RetryClass::mirror, "broken"};
  };
  const auto outcome = ready.publish();
  REQUIRE(outcome.kind == Kind::failed);
  CHECK(outcome.failure->message == "broken");
  CHECK(read(ready.task.destination / "old") == "old");
  CHECK(fs::is_empty(ready.bench.folder() / "partial"));
}

TEST_CASE("without the means to unpack, an archive is refused clearly") {
  Ready ready("archive");
  ready.task.unpack = true;
  const auto outcome = ready.publish();
  REQUIRE(outcome.kind == Kind::failed);
  CHECK_THAT(outcome.failure->message, ContainsSubstring("unpack"));
  CHECK_FALSE(fs::exists(ready.task.destination));
}

TEST_CASE("a file takes the place of a folder and the other way round") {
  Ready ready("file");
  fs::create_directory(ready.task.destination);
  write(ready.task.destination / "old", "old");
  CHECK(ready.publish().kind == Kind::published);
  CHECK(read(ready.task.destination) == "file");
  CHECK(fs::is_empty(ready.bench.folder() / "partial"));
}

TEST_CASE("keeping a file that is shorter than claimed claims nothing") {
  Ready ready("short");
  CHECK(keep(*ready.file, {}, 6).durable == 0);
  CHECK(keep(*ready.file, {}, 5).durable == 5);
}
