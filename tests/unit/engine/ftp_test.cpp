#include "bench.hpp"
#include "ftp_server.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::test;
using job::FailureKind;
using Kind = job::Outcome::Kind;

TEST_CASE("a file arrives by FTP with the server's time") {
  const auto body = noise(2'000'000);
  FtpServer server(body);
  Bench bench;
  const auto outcome = bench.run(bench.task(server.url()));
  REQUIRE(outcome.kind == Kind::delivered);
  CHECK((bench.bytes(outcome) == body));
  CHECK(outcome.mtime == Microseconds(784111777'000000));
  CHECK(outcome.contacted);
}

TEST_CASE("an empty file arrives by FTP") {
  FtpServer server("");
  Bench bench;
  const auto outcome = bench.run(bench.task(server.url()));
  REQUIRE(outcome.kind == Kind::delivered);
  CHECK(outcome.size == 0);
  CHECK(bench.bytes(outcome).empty());
}

TEST_CASE("FTP has no validators: a dropped transfer goes on only when a digest decides") {
  const auto body = noise(2'000'000);
  FtpServer server(body);
  server.cut_after(800'000);
  Bench bench;
  auto task = bench.task(server.url());
  const bool digest = GENERATE(false, true);
  if (digest) task.digest = sha256(body);
  const auto dropped = bench.run(task);
  REQUIRE(dropped.kind == Kind::failed);
  CHECK(dropped.failure->retry_class == job::RetryClass::retry);
  CHECK(dropped.checkpoint.durable() == 800'000);
  CHECK(dropped.checkpoint.total == body.size());
  const auto outcome = bench.run(bench.next(task, dropped.checkpoint));
  REQUIRE(outcome.kind == Kind::delivered);
  CHECK((bench.bytes(outcome) == body));
  CHECK(outcome.restarted == !digest);
  CHECK(outcome.fetched == (digest ? body.size() - 800'000 : body.size()));
}

TEST_CASE("FTP errors fall into their classes") {
  FtpServer server("text");
  Bench bench;
  SECTION("no such file") {
    const auto outcome = bench.run(bench.task(server.url("/other")));
    REQUIRE(outcome.kind == Kind::failed);
    CHECK(outcome.failure->kind == FailureKind::server);
    CHECK(outcome.failure->retry_class == job::RetryClass::mirror);
  }
  SECTION("no login") {
    auto url = server.url();
    url.insert(url.find("//") + 2, "me:wrong@");
    const auto outcome = bench.run(bench.task(url));
    REQUIRE(outcome.kind == Kind::failed);
    CHECK(outcome.failure->kind == FailureKind::authentication);
    CHECK(outcome.failure->code == 530);
  }
  SECTION("a folder is not a file") {
    const auto outcome = bench.run(bench.task(server.url("/folder/")));
    REQUIRE(outcome.kind == Kind::failed);
    CHECK(outcome.failure->retry_class == job::RetryClass::mirror);
    CHECK(server.commands().empty());
  }
}
