#include "bench.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::test;
using Kind = job::Outcome::Kind;
namespace fs = std::filesystem;

TEST_CASE("a local file is copied from below an allowed folder only") {
  Bench bench;
  const auto inside = bench.folder() / "inside";
  const auto outside = bench.folder() / "outside";
  fs::create_directory(inside);
  fs::create_directory(outside);
  const auto body = noise(3'000'000);
  write(inside / "a file", body);
  write(outside / "secret", "secret");
  fs::create_symlink(outside / "secret", inside / "link");
  fs::create_directory_symlink(outside, inside / "way");
  fs::create_symlink(inside / "a file", outside / "back");
  bench.settings.file_roots = {inside};

  SECTION("below") {
    const auto task = bench.task("file://" + inside.string() + "/a%20file");
    const auto outcome = bench.run(task);
    REQUIRE(outcome.kind == Kind::delivered);
    CHECK((bench.bytes(outcome) == body));
    const auto written = std::chrono::file_clock::to_sys(fs::last_write_time(inside / "a file"));
    CHECK(outcome.mtime == std::chrono::floor<Microseconds>(written.time_since_epoch()));
    auto again = bench.task(task.url);
    again.published = outcome.validators;
    CHECK(bench.run(again).kind == Kind::unchanged);
  }
  SECTION("reached by a link that leads inside") {
    CHECK(bench.run(bench.task("file://" + outside.string() + "/back")).kind == Kind::delivered);
  }
  SECTION("anywhere else") {
    const auto path = GENERATE(values<std::string>(
        {"/outside/secret", "/inside/link", "/inside/way/secret", "/inside/../outside/secret",
         "/inside/%2e%2e/outside/secret", "/inside", "/inside/missing"}));
    INFO(path);
    const auto task = bench.task("file://" + bench.folder().string() + path);
    const auto outcome = bench.run(task);
    REQUIRE(outcome.kind == Kind::failed);
    CHECK(outcome.failure->kind == job::FailureKind::file);
    CHECK(bench.bytes(task.fresh_part).empty());
  }
}

TEST_CASE("no local file is given when no folder is allowed") {
  Bench bench;
  write(bench.folder() / "file", "text");
  const auto outcome = bench.run(bench.task("file://" + (bench.folder() / "file").string()));
  REQUIRE(outcome.kind == Kind::failed);
  CHECK_THAT(outcome.failure->message, ContainsSubstring("file_roots"));
}
