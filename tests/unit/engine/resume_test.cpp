#include "bench.hpp"
#include "engine/part_file.hpp"
#include "origin_server.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::test;
using concd::engine::part_path;
using Kind = job::Outcome::Kind;

namespace {

constexpr std::size_t k_size = 2'000'000;
constexpr std::size_t k_here = 700'000;

/// What an earlier attempt left: the first bytes of `body` under the tag "v1", and garbage after them that
/// never became durable.
job::Task half(const Bench& bench, const OriginServer& server, const std::string& body) {
  auto task = bench.task(server.url());
  task.checkpoint = {task.url, k_here, body.size(), {"\"v1\"", ""}};
  write(part_path(task.partial, task.checkpoint), body.substr(0, k_here) + std::string(2 * k_size, '?'));
  return task;
}

}  // namespace

TEST_CASE("a dropped transfer is continued from the last byte on disk") {
  const auto body = noise(k_size);
  OriginServer server([&](const Request& request, const Connection& connection) {
    const auto start = range_start(request);
    if (start > 0) return connection.send(part(body, start, "ETag: \"v1\"\r\n"));
    const auto whole = ok(body, "ETag: \"v1\"\r\n");
    connection.send(whole.substr(0, whole.size() - k_size / 2));
    return false;
  });
  Bench bench;
  auto task = bench.task(server.url());
  task.digest = sha256(body);
  const auto dropped = bench.run(task);
  REQUIRE(dropped.kind == Kind::failed);
  CHECK(dropped.failure->retry_class == job::RetryClass::retry);
  CHECK(dropped.checkpoint == job::Checkpoint{task.url, k_size / 2, k_size, {"\"v1\"", ""}});
  task.checkpoint = dropped.checkpoint;
  const auto outcome = bench.run(task);
  REQUIRE(outcome.kind == Kind::published);
  CHECK(outcome.fetched == k_size / 2);
  CHECK_FALSE(outcome.restarted);
  CHECK((read(task.destination) == body));
  CHECK(server.requests().at(1).get("If-Range") == "\"v1\"");
}

TEST_CASE("bytes past the checkpoint are not trusted") {
  const auto body = noise(k_size);
  OriginServer server([&](const Request& request, const Connection& connection) {
    return connection.send(part(body, range_start(request), "ETag: \"v1\"\r\n"));
  });
  Bench bench;
  const auto task = half(bench, server, body);
  REQUIRE(bench.run(task).kind == Kind::published);
  CHECK((read(task.destination) == body));
}

TEST_CASE("a file that changed is fetched from its beginning, in the same attempt") {
  const auto old = noise(k_size, 1);
  const auto body = noise(k_size, 2);
  int answer = 0;
  SECTION("it says so") {
    answer = 200;
  }
  SECTION("it continues another version") {
    answer = 206;
  }
  SECTION("it denies the range") {
    answer = 416;
  }
  OriginServer server([&](const Request& request, const Connection& connection) {
    const auto start = range_start(request);
    if (start == 0 || answer == 200) return connection.send(ok(body, "ETag: \"v2\"\r\n"));
    if (answer == 206) return connection.send(part(body, start, "ETag: \"v2\"\r\n"));
    return connection.send("HTTP/1.1 416 No\r\nContent-Range: bytes */5\r\nContent-Length: 0\r\n\r\n");
  });
  Bench bench;
  const auto task = half(bench, server, old);
  const auto outcome = bench.run(task);
  REQUIRE(outcome.kind == Kind::published);
  CHECK(outcome.restarted);
  CHECK(outcome.fetched == k_size);
  CHECK((read(task.destination) == body));
  CHECK(outcome.validators.etag == "\"v2\"");
  // The queue hears at once that nothing of the old bytes is left.
  REQUIRE_FALSE(bench.checkpoints(1).empty());
  CHECK(bench.checkpoints(1).front().durable == 0);
}

TEST_CASE("a range that is not the one asked for restarts") {
  const auto body = noise(k_size);
  const auto range = GENERATE(values<std::string>({"bytes 0-1999999/2000000", "bytes 700001-1999999/2000000",
                                                   "bytes 700000-1999999/*", "bytes 700000-1999999/2000001",
                                                   "bytes 700000-1999998/2000000", "nonsense"}));
  OriginServer server([&](const Request& request, const Connection& connection) {
    if (range_start(request) == 0) return connection.send(ok(body, "ETag: \"v1\"\r\n"));
    return connection.send("HTTP/1.1 206 Partial Content\r\nContent-Range: " + range +
                           "\r\nETag: \"v1\"\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nlies!\r\n0\r\n\r\n");
  });
  Bench bench;
  const auto task = half(bench, server, body);
  const auto outcome = bench.run(task);
  REQUIRE(outcome.kind == Kind::published);
  CHECK(outcome.restarted);
  CHECK((read(task.destination) == body));
}

TEST_CASE("when all is here the origin confirms it with the last byte") {
  const auto body = noise(k_size);
  OriginServer server([&](const Request& request, const Connection& connection) {
    return connection.send(part(body, range_start(request), "ETag: \"v1\"\r\n"));
  });
  Bench bench;
  auto task = half(bench, server, body);
  write(part_path(task.partial, task.checkpoint), body);
  task.checkpoint.durable = body.size();
  const auto outcome = bench.run(task);
  REQUIRE(outcome.kind == Kind::published);
  CHECK(outcome.fetched == 1);
  CHECK((read(task.destination) == body));
}

TEST_CASE("without a validator only an expected digest lets a partial live") {
  const auto body = noise(k_size);
  const auto other = noise(k_size, 2);
  OriginServer server([&](const Request& request, const Connection& connection) {
    const auto start = range_start(request);
    return connection.send(start == 0 ? ok(body) : part(body, start));
  });
  Bench bench;
  auto task = half(bench, server, body);
  const auto tagged = part_path(task.partial, task.checkpoint);
  task.checkpoint.validators = {};
  const auto partial = part_path(task.partial, task.checkpoint);
  std::filesystem::rename(tagged, partial);
  SECTION("none is expected") {
    const auto outcome = bench.run(task);
    REQUIRE(outcome.kind == Kind::published);
    CHECK(outcome.restarted);
    CHECK(outcome.fetched == k_size);
  }
  SECTION("one is, and it is right") {
    task.digest = sha256(body);
    const auto outcome = bench.run(task);
    REQUIRE(outcome.kind == Kind::published);
    CHECK(outcome.fetched == k_size - k_here);
    CHECK(server.requests().at(0).get("If-Range").empty());
  }
  SECTION("one is, and the joint is wrong: the next attempt begins anew") {
    write(partial, other.substr(0, k_here));
    task.digest = sha256(body);
    const auto outcome = bench.run(task);
    REQUIRE(outcome.kind == Kind::failed);
    CHECK(outcome.failure->kind == job::FailureKind::verification);
    CHECK(outcome.failure->retry_class == job::RetryClass::retry);
    CHECK(outcome.checkpoint.durable == 0);
    CHECK_FALSE(std::filesystem::exists(partial));
  }
}

TEST_CASE("a record of one version never counts for the bytes of another that a crash left") {
  const auto body = noise(k_size);
  const auto other = noise(k_size, 2);
  // It has gone back to the version that the record tells of, and would continue that.
  OriginServer server([&](const Request& request, const Connection& connection) {
    const auto start = range_start(request);
    return connection.send(start == 0 ? ok(body, "ETag: \"v1\"\r\n") : part(body, start, "ETag: \"v1\"\r\n"));
  });
  Bench bench;
  const auto task = half(bench, server, body);
  std::filesystem::remove(part_path(task.partial, task.checkpoint));
  auto newer = task.checkpoint;
  newer.validators.etag = "\"v2\"";
  write(part_path(task.partial, newer), other);
  const auto outcome = bench.run(task);
  REQUIRE(outcome.kind == Kind::published);
  CHECK(outcome.fetched == k_size);
  CHECK((read(task.destination) == body));
}

TEST_CASE("a partial shorter than its record restarts") {
  const auto body = noise(k_size);
  OriginServer server([&](const Request& request, const Connection& connection) {
    CHECK(range_start(request) == 0);
    return connection.send(ok(body, "ETag: \"v1\"\r\n"));
  });
  Bench bench;
  const auto task = half(bench, server, body);
  std::filesystem::resize_file(part_path(task.partial, task.checkpoint), k_here - 1);
  const auto outcome = bench.run(task);
  REQUIRE(outcome.kind == Kind::published);
  CHECK(outcome.restarted);
  CHECK((read(task.destination) == body));
}

TEST_CASE("a failure before any answer leaves the partial and its record alone") {
  const auto body = noise(k_size);
  OriginServer server([](const Request&, const Connection& connection) {
    return connection.send("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
  });
  Bench bench;
  const auto task = half(bench, server, body);
  const auto outcome = bench.run(task);
  REQUIRE(outcome.kind == Kind::failed);
  CHECK(outcome.checkpoint == task.checkpoint);
  CHECK((read(part_path(task.partial, task.checkpoint)).substr(0, k_here) == body.substr(0, k_here)));
}

TEST_CASE("stop keeps what came, synced and continuable") {
  const auto body = noise(k_size);
  OriginServer server([&](const Request& request, const Connection& connection) {
    const auto start = range_start(request);
    if (start > 0) return connection.send(part(body, start, "ETag: \"v1\"\r\n"));
    const auto whole = ok(body, "ETag: \"v1\"\r\n");
    connection.send(whole.substr(0, whole.size() - k_size / 2));
    connection.wait_for_close();
    return false;
  });
  Bench bench;
  auto task = bench.task(server.url());
  bench.on_progress_of = [&](job::Id id) {
    if (bench.progress(id).back().received == k_size / 2) bench.pool().stop(id);
  };
  const auto stopped = bench.run(task);
  REQUIRE(stopped.kind == Kind::stopped);
  CHECK(stopped.checkpoint.durable == k_size / 2);
  task.checkpoint = stopped.checkpoint;
  bench.on_progress_of = nullptr;
  CHECK(bench.run(task).kind == Kind::published);
  CHECK((read(task.destination) == body));
}

TEST_CASE("a connection reset at the last byte publishes nothing and loses nothing") {
  const auto body = noise(k_size);
  OriginServer server([&](const Request& request, const Connection& connection) {
    const auto start = range_start(request);
    if (start > 0) return connection.send(part(body, start, "ETag: \"v1\"\r\n"));
    const auto whole = ok(body, "ETag: \"v1\"\r\n");
    connection.send(whole.substr(0, whole.size() - 1));
    return false;
  });
  Bench bench;
  auto task = bench.task(server.url());
  const auto dropped = bench.run(task);
  REQUIRE(dropped.kind == Kind::failed);
  CHECK(dropped.checkpoint.durable == k_size - 1);
  task.checkpoint = dropped.checkpoint;
  const auto outcome = bench.run(task);
  REQUIRE(outcome.kind == Kind::published);
  CHECK(outcome.fetched == 1);
  CHECK((read(task.destination) == body));
}
