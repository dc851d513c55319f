// What a worker may say of its task, by fake workers that say something else.

#include <filesystem>
#include <string>

#include "fake_bench.hpp"

using namespace concd;
using namespace concd::worker;
using Kind = job::Outcome::Kind;

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
  SECTION("with validators that would add a field to a request") {
    check("delivers a smuggled field", "the worker reported a validator with control characters");
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
  SECTION("validators that would add a field to a request") {
    check(task("smuggles a field"), "reported a validator with control characters");
  }
  SECTION("such validators in its outcome") {
    check(task("smuggles a field in its outcome"), "reported a validator with control characters");
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
