// Where an answer leads, and who is connected to.

#include <cerrno>

#include <netinet/in.h>
#include <sys/socket.h>

#include "bench.hpp"
#include "origin_server.hpp"
#include "support/catch.hpp"
#include "util/unique_fd.hpp"

using namespace concd;
using namespace concd::test;
using job::FailureKind;
using job::RetryClass;
using Kind = job::Outcome::Kind;

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
