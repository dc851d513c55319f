// Bodies with a Content-Encoding.

#include "bench.hpp"
#include "coded.hpp"
#include "origin_server.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::test;
using job::RetryClass;
using Kind = job::Outcome::Kind;

TEST_CASE("a coded body is decoded, and a digest is of what was asked for") {
  const auto text = noise(200'000);
  const auto coded = gzip(text);
  OriginServer server(always(ok(coded, "Content-Encoding: gzip\r\nETag: \"v1\"\r\n")));
  Bench bench;
  auto task = bench.task(server.url());
  task.digest = sha256(text);
  task.size = text.size();
  const auto outcome = bench.run(task);
  REQUIRE(outcome.kind == Kind::delivered);
  CHECK((bench.bytes(outcome) == text));
  CHECK(outcome.digest == task.digest->hex);
  CHECK(outcome.validators.etag == "\"v1\"");
}

TEST_CASE("a coded body that was cut is never continued") {
  const auto coded = gzip(noise(200'000));
  OriginServer server(always("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nETag: \"v1\"\r\nContent-Length: " +
                             std::to_string(coded.size()) + "\r\n\r\n" + coded.substr(0, 100'000)));
  Bench bench;
  auto task = bench.task(server.url());
  task.digest = sha256("");
  const auto outcome = bench.run(task);
  REQUIRE(outcome.kind == Kind::failed);
  CHECK(outcome.failure->retry_class == RetryClass::retry);
  CHECK(outcome.checkpoint == job::Checkpoint{});
}

TEST_CASE("a coded form that is the file is saved as it is, and continued") {
  const auto coded = gzip(noise(200'000));
  OriginServer server([&](const Request& request, const Connection& connection) {
    const std::string fields = "Content-Encoding: gzip\r\nETag: \"v1\"\r\n";
    if (const auto start = range_start(request); start > 0)
      return connection.send(part(coded, start, fields));
    connection.send(ok(coded, fields).substr(0, 100'000));
    return false;
  });
  Bench bench;
  const auto task = bench.task(server.url("/file.tar.gz"));
  const auto cut = bench.run(task);
  REQUIRE(cut.kind == Kind::failed);
  REQUIRE(cut.checkpoint.durable() > 0);
  const auto outcome = bench.run(bench.next(task, cut.checkpoint));
  REQUIRE(outcome.kind == Kind::delivered);
  CHECK((bench.bytes(outcome) == coded));
}

TEST_CASE("a part of a coded body does not continue the file") {
  const auto text = noise(200'000);
  const auto coded = noise(200'000, 2);
  OriginServer server([&](const Request& request, const Connection& connection) {
    const std::string fields = "ETag: \"v1\"\r\n";
    if (const auto start = range_start(request); start > 0)
      return connection.send(part(coded, start, fields + "Content-Encoding: gzip\r\n"));
    return connection.send(server.requests().size() == 1 ? ok(text, fields).substr(0, 100'000)
                                                         : ok(text, fields)) &&
           server.requests().size() > 1;
  });
  Bench bench;
  const auto task = bench.task(server.url());
  const auto cut = bench.run(task);
  REQUIRE(cut.checkpoint.durable() > 0);
  const auto outcome = bench.run(bench.next(task, cut.checkpoint));
  REQUIRE(outcome.kind == Kind::delivered);
  CHECK((bench.bytes(outcome) == text));
}
