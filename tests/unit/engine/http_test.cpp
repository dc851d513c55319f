#include "bench.hpp"
#include "origin_server.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::test;
using job::FailureKind;
using job::RetryClass;
using Kind = job::Outcome::Kind;

namespace {

job::Failure failure_for(const std::string& answer) {
  OriginServer server(always(answer));
  Bench bench;
  const auto outcome = bench.run(bench.task(server.url()));
  REQUIRE(outcome.kind == Kind::failed);
  return *outcome.failure;
}

constexpr auto k_date = "Sun, 06 Nov 1994 08:49:37 GMT";

}  // namespace

TEST_CASE("a file arrives whole, with the server's time, its validators and its digest") {
  const auto body = noise(3'000'000);
  OriginServer server([&](const Request&, const Connection& connection) {
    return connection.send(ok(body, std::string("ETag: \"v1\"\r\nLast-Modified: ") + k_date + "\r\n"));
  });
  Bench bench;
  auto task = bench.task(server.url());
  task.digest = sha256(body);
  task.size = body.size();
  const auto outcome = bench.run(task);
  REQUIRE(outcome.kind == Kind::delivered);
  CHECK((bench.bytes(outcome) == body));
  CHECK(outcome.size == body.size());
  CHECK(outcome.digest == task.digest->hex);
  CHECK(outcome.validated);
  CHECK(outcome.checkpoint.part == task.fresh_part);
  CHECK(outcome.checkpoint.url == task.url);
  CHECK(outcome.checkpoint.total == body.size());
  CHECK(outcome.checkpoint.validators.etag == "\"v1\"");
  CHECK(outcome.fetched == body.size());
  CHECK(outcome.validators == job::Validators{"\"v1\"", k_date});
  CHECK(outcome.mtime == Microseconds(784111777'000000));
  const auto request = server.requests().at(0);
  CHECK(request.get("Accept-Encoding").empty());
  CHECK(request.get("Cookie").empty());
  CHECK(request.get("Range").empty());
  CHECK_THAT(request.get("User-Agent"), ContainsSubstring("concd/"));
}

TEST_CASE("an empty file is a file") {
  OriginServer server(always(ok("")));
  Bench bench;
  const auto outcome = bench.run(bench.task(server.url()));
  REQUIRE(outcome.kind == Kind::delivered);
  CHECK(outcome.size == 0);
  CHECK(bench.bytes(outcome).empty());
}

TEST_CASE("a chunked file of unknown length arrives") {
  OriginServer server(
      always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"));
  Bench bench;
  const auto outcome = bench.run(bench.task(server.url()));
  REQUIRE(outcome.kind == Kind::delivered);
  CHECK(bench.bytes(outcome) == "hello world");
  CHECK(outcome.digest.empty());
}

TEST_CASE("what is not whole is not delivered") {
  SECTION("fewer bytes than announced") {
    const auto failure = failure_for("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
    CHECK(failure.kind == FailureKind::network);
    CHECK(failure.retry_class == RetryClass::retry);
  }
  SECTION("a chunked body that ends early") {
    const auto failure = failure_for("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    CHECK(failure.kind == FailureKind::network);
    CHECK(failure.retry_class == RetryClass::retry);
  }
  SECTION("no answer at all") {
    CHECK(failure_for("").kind == FailureKind::network);
  }
}

TEST_CASE("broken answers are refused before a byte counts") {
  const auto answer = GENERATE(values<std::string>({
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
      "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-4/5\r\nContent-Length: 5\r\n\r\nhello",
      "HTTP/1.1 304 Not Modified\r\n\r\n",
      "HTTP/1.1 204 No Content\r\n\r\n",
      "hello",
  }));
  INFO(answer);
  const auto failure = failure_for(answer);
  CHECK(failure.kind == FailureKind::server);
}

TEST_CASE("a header without end is cut off") {
  OriginServer server([](const Request&, const Connection& connection) {
    connection.send("HTTP/1.1 200 OK\r\n");
    while (connection.send("X-Flood: " + std::string(1000, 'x') + "\r\n")) continue;
    return false;
  });
  Bench bench;
  const auto outcome = bench.run(bench.task(server.url()));
  REQUIRE(outcome.kind == Kind::failed);
  CHECK(outcome.failure->kind != FailureKind::other);
}

TEST_CASE("an error of the server is told as it is") {
  SECTION("lasting") {
    const auto failure = failure_for("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\noops");
    CHECK(failure.kind == FailureKind::server);
    CHECK(failure.retry_class == RetryClass::mirror);
    CHECK(failure.code == 404);
    CHECK_THAT(failure.message, ContainsSubstring("404 Not Found from http://127.0.0.1:"));
  }
  SECTION("passing, with a Retry-After") {
    const auto failure = failure_for("HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n");
    CHECK(failure.retry_class == RetryClass::retry);
    CHECK(failure.retry_after == Microseconds(std::chrono::seconds(7)));
  }
}

TEST_CASE("an error is told though its text is coded") {
  const auto failure =
      failure_for("HTTP/1.1 404 No\r\nContent-Encoding: br\r\nContent-Length: 4\r\n\r\noops");
  CHECK(failure.code == 404);
}

TEST_CASE("an error page is never part of a file") {
  OriginServer server(always("HTTP/1.1 500 No\r\nContent-Length: 4\r\n\r\noops"));
  Bench bench;
  const auto task = bench.task(server.url());
  const auto outcome = bench.run(task);
  CHECK(outcome.kind == Kind::failed);
  CHECK(outcome.contacted);
  CHECK(outcome.checkpoint == job::Checkpoint{});
  CHECK(bench.bytes(task.fresh_part).empty());
}

TEST_CASE("nobody there is a network failure that may pass") {
  std::string url;
  {
    OriginServer gone(always(""));
    url = gone.url();
  }
  Bench bench;
  const auto outcome = bench.run(bench.task(url));
  REQUIRE(outcome.kind == Kind::failed);
  CHECK_FALSE(outcome.contacted);
  CHECK(outcome.failure->kind == FailureKind::network);
  CHECK_THAT(outcome.failure->message, ContainsSubstring("refused"));
}

TEST_CASE("a published file that did not change is not fetched again") {
  OriginServer server([](const Request& request, const Connection& connection) {
    if (request.get("If-None-Match") == "\"v1\"")
      return connection.send("HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n\r\n");
    return connection.send(ok("new", "ETag: \"v2\"\r\n"));
  });
  Bench bench;
  auto task = bench.task(server.url());
  task.published.etag = "\"v1\"";
  const auto same = bench.run(task);
  CHECK(same.kind == Kind::unchanged);
  CHECK(same.validators.etag == "\"v1\"");
  CHECK(same.checkpoint == job::Checkpoint{});
  task.published.etag = "\"v0\"";
  const auto other = bench.run(task);
  REQUIRE(other.kind == Kind::delivered);
  CHECK(bench.bytes(other) == "new");
}

TEST_CASE("a file that has not the expected size is of no use") {
  OriginServer server(always(ok("hello")));
  Bench bench;
  auto task = bench.task(server.url());
  SECTION("too large") {
    task.size = 4;
  }
  SECTION("too small") {
    task.size = 6;
  }
  const auto outcome = bench.run(task);
  REQUIRE(outcome.kind == Kind::failed);
  CHECK(outcome.failure->kind == FailureKind::verification);
  CHECK(outcome.failure->retry_class == RetryClass::mirror);
  CHECK(outcome.checkpoint == job::Checkpoint{});
}

TEST_CASE("a wrong digest is told as it is: who publishes decides") {
  OriginServer server(always(ok("hello")));
  Bench bench;
  auto task = bench.task(server.url());
  task.digest = sha256("other");
  const auto outcome = bench.run(task);
  REQUIRE(outcome.kind == Kind::delivered);
  CHECK(outcome.digest == sha256("hello").hex);
}

TEST_CASE("more bytes than announced discredit all that came") {
  // HTTP cuts at the announced length; only the parts of a continued file can exceed it.
  const std::string body = "hello world";
  OriginServer server([&](const Request& request, const Connection& connection) {
    const auto start = range_start(request);
    return connection.send("HTTP/1.1 206 Partial Content\r\nETag: \"1\"\r\nTransfer-Encoding: chunked\r\n" +
                           ("Content-Range: bytes " + std::to_string(start) + "-10/11\r\n\r\n") +
                           "9\r\n world!!!\r\n0\r\n\r\n");
  });
  Bench bench;
  auto task = bench.task(server.url());
  job::Checkpoint kept{bench.new_part("hello"), task.url, {{0, 5}}, 11, {"\"1\"", ""}};
  const auto outcome = bench.run(bench.next(task, kept));
  REQUIRE(outcome.kind == Kind::failed);
  CHECK_THAT(outcome.failure->message, ContainsSubstring("more bytes than it had announced"));
  CHECK(outcome.checkpoint == job::Checkpoint{});
}

TEST_CASE("max_size holds, whether the length is told or not") {
  const auto answer = GENERATE(
      values<std::string>({ok("hello world"), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello world"}));
  OriginServer server(always(answer));
  Bench bench;
  bench.settings.max_size = 10;
  const auto outcome = bench.run(bench.task(server.url()));
  REQUIRE(outcome.kind == Kind::failed);
  CHECK_THAT(outcome.failure->message, ContainsSubstring("max_size"));
}

TEST_CASE("a server that falls silent is dropped") {
  OriginServer server([](const Request&, const Connection& connection) {
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
    connection.wait_for_close();
    return false;
  });
  Bench bench;
  bench.settings.stall_timeout = std::chrono::seconds(1);
  const auto outcome = bench.run(bench.task(server.url()));
  REQUIRE(outcome.kind == Kind::failed);
  CHECK(outcome.failure->kind == FailureKind::network);
  CHECK(outcome.failure->retry_class == RetryClass::retry);
}

TEST_CASE("a server that trickles below the least rate is dropped, and what came is kept") {
  OriginServer server([](const Request&, const Connection& connection) {
    connection.send("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 10\r\n\r\nhello");
    connection.wait_for_close();
    return false;
  });
  Bench bench;
  bench.settings.min_rate = 1000;
  bench.settings.min_rate_time = std::chrono::milliseconds(300);
  const auto outcome = bench.run(bench.task(server.url()));
  REQUIRE(outcome.kind == Kind::failed);
  CHECK(outcome.failure->retry_class == RetryClass::retry);
  CHECK_THAT(outcome.failure->message, ContainsSubstring("too slow: less than 1000 B/s"));
  CHECK(outcome.checkpoint.durable() == 5);
}
