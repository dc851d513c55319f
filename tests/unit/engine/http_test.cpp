#include <cerrno>

#include <netinet/in.h>
#include <sys/socket.h>

#include "bench.hpp"
#include "coded.hpp"
#include "origin_server.hpp"
#include "support/catch.hpp"
#include "util/unique_fd.hpp"

using namespace concd;
using namespace concd::test;
using job::FailureKind;
using job::RetryClass;
using Kind = job::Outcome::Kind;

namespace {

/// A server that gives every request the same answer and closes.
OriginServer::Script always(std::string answer) {
  return [answer = std::move(answer)](const Request&, const Connection& connection) {
    connection.send(answer);
    return false;
  };
}

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

TEST_CASE("redirects are followed, within bounds") {
  OriginServer server([](const Request& request, const Connection& connection) {
    if (request.path() == "/file")
      return connection.send("HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 4\r\n\r\nbody");
    if (request.path() == "/there") return connection.send(ok("found"));
    const std::string where = request.path() == "/loop"    ? "/loop"
                              : request.path() == "/local" ? "file:///etc/passwd"
                                                           : "ftp://127.0.0.1:1/file";
    return connection.send(std::string("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: ") + where +
                           "\r\n\r\n");
  });
  Bench bench;
  SECTION("to another place") {
    const auto outcome = bench.run(bench.task(server.url()));
    REQUIRE(outcome.kind == Kind::delivered);
    CHECK(bench.bytes(outcome) == "found");
  }
  SECTION("not for ever") {
    bench.settings.max_redirects = 3;
    const auto outcome = bench.run(bench.task(server.url("/loop")));
    REQUIRE(outcome.kind == Kind::failed);
    CHECK(outcome.failure->kind == FailureKind::server);
    CHECK(server.requests().size() == 4);
  }
  SECTION("not to a local file, nor to another protocol") {
    bench.settings.file_roots = {"/etc"};
    const auto outcome = bench.run(bench.task(server.url(GENERATE("/local", "/ftp"))));
    REQUIRE(outcome.kind == Kind::failed);
    CHECK(outcome.failure->kind == FailureKind::server);
    CHECK_THAT(outcome.failure->message, ContainsSubstring("scheme that is not allowed"));
  }
}

TEST_CASE("a password goes to its own host only") {
  OriginServer other(always(ok("found")));
  OriginServer server([&](const Request&, const Connection& connection) {
    return connection.send("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + other.url() +
                           "\r\n\r\n");
  });
  Bench bench;
  auto url = server.url();
  url.insert(url.find("//") + 2, "me:secret@");
  CHECK(bench.run(bench.task(url)).kind == Kind::delivered);
  CHECK_FALSE(server.requests().at(0).get("Authorization").empty());
  CHECK(other.requests().at(0).get("Authorization").empty());
}

TEST_CASE("the body of a redirect is read no further than is worth a connection") {
  OriginServer server([](const Request& request, const Connection& connection) {
    if (request.path() == "/there") return connection.send(ok("found"));
    connection.send("HTTP/1.1 302 Found\r\nTransfer-Encoding: chunked\r\nLocation: /there\r\n\r\n");
    const auto chunk = "1000\r\n" + std::string(0x1000, 'x') + "\r\n";
    while (connection.send(chunk)) {
    }
    return false;
  });
  Bench bench;
  const auto outcome = bench.run(bench.task(server.url()));
  REQUIRE(outcome.kind == Kind::delivered);
  CHECK(bench.bytes(outcome) == "found");
}

TEST_CASE("a redirect and an error whose bodies trickle do not hold their place for ever") {
  const std::string status = GENERATE("302 Found", "404 Not Found");
  OriginServer server([&](const Request&, const Connection& connection) {
    connection.send("HTTP/1.1 " + status +
                    "\r\nTransfer-Encoding: chunked\r\nLocation: /there\r\n\r\n1\r\nx\r\n");
    connection.wait_for_close();
    return false;
  });
  Bench bench;
  bench.settings.first_byte_timeout = std::chrono::milliseconds(100);
  const auto outcome = bench.run(bench.task(server.url()));
  REQUIRE(outcome.kind == Kind::failed);
  CHECK(outcome.failure->kind == FailureKind::network);
  CHECK(outcome.failure->retry_class == RetryClass::retry);
  CHECK_THAT(outcome.failure->message, ContainsSubstring("has sent nothing of the file within 0.1s"));
}

TEST_CASE("a password does not go to another port of its host, and comes back to the first") {
  std::string back;
  OriginServer other([&](const Request&, const Connection& connection) {
    return connection.send("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + back + "\r\n\r\n");
  });
  OriginServer server([&](const Request& request, const Connection& connection) {
    if (request.path() == "/back") return connection.send(ok("found"));
    return connection.send("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + other.url() +
                           "\r\n\r\n");
  });
  back = server.url("/back");
  Bench bench;
  auto url = server.url();
  url.insert(url.find("//") + 2, "me:secret@");
  CHECK(bench.run(bench.task(url)).kind == Kind::delivered);
  CHECK(other.requests().at(0).get("Authorization").empty());
  CHECK_FALSE(server.requests().at(1).get("Authorization").empty());
}

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

TEST_CASE("an error is told though its text is coded") {
  const auto failure =
      failure_for("HTTP/1.1 404 No\r\nContent-Encoding: br\r\nContent-Length: 4\r\n\r\noops");
  CHECK(failure.code == 404);
}

TEST_CASE("link-local addresses are never connected to") {
  Bench bench;
  const auto outcome = bench.run(bench.task("http://[::ffff:169.254.169.254]/latest/meta-data"));
  REQUIRE(outcome.kind == Kind::failed);
  CHECK(outcome.failure->kind == FailureKind::other);
  CHECK(outcome.failure->retry_class == RetryClass::mirror);
  CHECK_THAT(outcome.failure->message, ContainsSubstring("leads to 169.254.169.254, a link-local"));
}

TEST_CASE("a host whose attempt met the internet does not become this machine") {
  OriginServer server(always(ok("found")));
  Bench bench;
  auto task = bench.task(server.url());
  CHECK_FALSE(bench.run(task).met_public);
  task = bench.task(server.url());
  task.met_public = true;
  const auto outcome = bench.run(task);
  REQUIRE(outcome.kind == Kind::failed);
  CHECK_THAT(outcome.failure->message, ContainsSubstring("which the request does not name"));
  CHECK(server.requests().size() == 1);
}

TEST_CASE("an address that is not admitted is not even connected to") {
  const UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  REQUIRE(::bind(listener.get(), generic, length) == 0);
  REQUIRE(::listen(listener.get(), 8) == 0);
  REQUIRE(::getsockname(listener.get(), generic, &length) == 0);
  Bench bench;
  auto task = bench.task("http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/file");
  task.met_public = true;
  CHECK(bench.run(task).kind == Kind::failed);
  CHECK(::accept(listener.get(), nullptr, nullptr) == -1);
  CHECK(errno == EAGAIN);
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

TEST_CASE("the environment's proxy is not used, the configuration's is") {
  OriginServer proxy(always(ok("by the proxy")));
  OriginServer server(always(ok("direct")));
  ::setenv("http_proxy", proxy.url("").c_str(), 1);
  Bench bench;
  const auto fetched = [&] { return bench.bytes(bench.run(bench.task(server.url()))); };
  CHECK(fetched() == "direct");
  ::unsetenv("http_proxy");
  bench.settings.proxy = proxy.url("");
  CHECK(fetched() == "by the proxy");
  bench.settings.no_proxy = {"127.0.0.1"};
  CHECK(fetched() == "direct");
}

TEST_CASE("a scheme that is not allowed is refused by name") {
  Bench bench;
  bench.settings.schemes = {"https"};
  const auto outcome = bench.run(bench.task("http://127.0.0.1/file"));
  REQUIRE(outcome.kind == Kind::failed);
  CHECK_THAT(outcome.failure->message, ContainsSubstring("\"http\""));
}
