#include "allocation_failure.hpp"
#include "bench.hpp"
#include "origin_server.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::test;
using Kind = job::Outcome::Kind;

namespace {

constexpr std::size_t k_size = 2'000'000;
constexpr std::size_t k_here = 700'000;

/// What an earlier attempt left: the first bytes of `body` under the tag "v1", and garbage after them that
/// never became durable.
job::Task half(Bench& bench, const OriginServer& server, const std::string& body) {
  const auto part = bench.new_part(body.substr(0, k_here) + std::string(2 * k_size, '?'));
  return bench.next(bench.task(server.url()),
                    {part, server.url(), {{0, k_here}}, body.size(), {"\"v1\"", ""}});
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
  CHECK(dropped.checkpoint ==
        job::Checkpoint{task.fresh_part, task.url, {{0, k_size / 2}}, k_size, {"\"v1\"", ""}});
  CHECK(std::filesystem::file_size(bench.path(task.fresh_part)) == k_size / 2);
  const auto outcome = bench.run(bench.next(task, dropped.checkpoint));
  REQUIRE(outcome.kind == Kind::delivered);
  CHECK(outcome.fetched == k_size / 2);
  CHECK_FALSE(outcome.restarted);
  CHECK(outcome.validated);
  CHECK(outcome.size == k_size);
  CHECK(outcome.digest.empty());
  CHECK(outcome.checkpoint == dropped.checkpoint);
  CHECK((bench.bytes(outcome) == body));
  CHECK(server.requests().at(1).get("If-Range") == "\"v1\"");
}

TEST_CASE("bytes past the checkpoint are not trusted") {
  const auto body = noise(k_size);
  OriginServer server([&](const Request& request, const Connection& connection) {
    return connection.send(part(body, range_start(request), "ETag: \"v1\"\r\n"));
  });
  Bench bench;
  const auto task = half(bench, server, body);
  const auto outcome = bench.run(task);
  REQUIRE(outcome.kind == Kind::delivered);
  CHECK(outcome.checkpoint.part == task.checkpoint.part);
  CHECK((bench.bytes(outcome) == body));
  CHECK(bench.bytes(task.fresh_part).empty());
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
  const auto kept = bench.bytes(task.checkpoint.part);
  const auto outcome = bench.run(task);
  REQUIRE(outcome.kind == Kind::delivered);
  CHECK(outcome.restarted);
  CHECK(outcome.fetched == k_size);
  CHECK((bench.bytes(outcome) == body));
  CHECK(outcome.validators.etag == "\"v2\"");
  // The queue hears at once that it goes on in the other file; until that is stored the old one stays true.
  const job::Checkpoint fresh{task.fresh_part, task.url, {}, k_size, {"\"v2\"", ""}};
  REQUIRE_FALSE(bench.checkpoints(1).empty());
  CHECK(bench.checkpoints(1).front() == fresh);
  CHECK(outcome.checkpoint == fresh);
  CHECK((bench.bytes(task.checkpoint.part) == kept));
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
  REQUIRE(outcome.kind == Kind::delivered);
  CHECK(outcome.restarted);
  CHECK((bench.bytes(outcome) == body));
}

TEST_CASE("when all is here the origin confirms it with the last byte") {
  const auto body = noise(k_size);
  OriginServer server([&](const Request& request, const Connection& connection) {
    return connection.send(part(body, range_start(request), "ETag: \"v1\"\r\n"));
  });
  Bench bench;
  auto task = half(bench, server, body);
  write(bench.path(task.checkpoint.part), body);
  task.checkpoint.set_durable(body.size());
  const auto outcome = bench.run(task);
  REQUIRE(outcome.kind == Kind::delivered);
  CHECK(outcome.fetched == 1);
  CHECK((bench.bytes(outcome) == body));
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
  task.checkpoint.validators = {};
  SECTION("none is expected") {
    const auto outcome = bench.run(task);
    REQUIRE(outcome.kind == Kind::delivered);
    CHECK(outcome.restarted);
    CHECK(outcome.fetched == k_size);
  }
  SECTION("one is, and it is right") {
    task.digest = sha256(body);
    const auto outcome = bench.run(task);
    REQUIRE(outcome.kind == Kind::delivered);
    CHECK(outcome.fetched == k_size - k_here);
    CHECK(server.requests().at(0).get("If-Range").empty());
    CHECK((bench.bytes(outcome) == body));
  }
  SECTION("one is, and the joint may be wrong: who verifies hears of it") {
    write(bench.path(task.checkpoint.part), other.substr(0, k_here));
    task.digest = sha256(body);
    const auto outcome = bench.run(task);
    REQUIRE(outcome.kind == Kind::delivered);
    CHECK_FALSE(outcome.validated);
    CHECK(outcome.digest.empty());
  }
}

TEST_CASE("a record without its partial file counts for nothing") {
  const auto body = noise(k_size);
  OriginServer server([&](const Request& request, const Connection& connection) {
    const auto start = range_start(request);
    return connection.send(start == 0 ? ok(body, "ETag: \"v1\"\r\n") : part(body, start, "ETag: \"v1\"\r\n"));
  });
  Bench bench;
  auto task = half(bench, server, body);
  task.kept = nullptr;
  const auto outcome = bench.run(task);
  REQUIRE(outcome.kind == Kind::delivered);
  CHECK(outcome.restarted);
  CHECK(outcome.fetched == k_size);
  CHECK((bench.bytes(outcome) == body));
}

TEST_CASE("a partial shorter than its record restarts") {
  const auto body = noise(k_size);
  OriginServer server([&](const Request& request, const Connection& connection) {
    CHECK(range_start(request) == 0);
    return connection.send(ok(body, "ETag: \"v1\"\r\n"));
  });
  Bench bench;
  const auto task = half(bench, server, body);
  std::filesystem::resize_file(bench.path(task.checkpoint.part), k_here - 1);
  const auto outcome = bench.run(task);
  REQUIRE(outcome.kind == Kind::delivered);
  CHECK(outcome.restarted);
  CHECK((bench.bytes(outcome) == body));
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
  CHECK((bench.bytes(outcome).substr(0, k_here) == body.substr(0, k_here)));
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
  CHECK(stopped.checkpoint.durable() == k_size / 2);
  bench.on_progress_of = nullptr;
  const auto outcome = bench.run(bench.next(task, stopped.checkpoint));
  REQUIRE(outcome.kind == Kind::delivered);
  CHECK((bench.bytes(outcome) == body));
}

TEST_CASE("a connection reset at the last byte delivers nothing and loses nothing") {
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
  CHECK(dropped.checkpoint.durable() == k_size - 1);
  const auto outcome = bench.run(bench.next(task, dropped.checkpoint));
  REQUIRE(outcome.kind == Kind::delivered);
  CHECK(outcome.fetched == 1);
  CHECK((bench.bytes(outcome) == body));
}

TEST_CASE("a start over that is dropped keeps the new bytes, and leaves the old file as it was") {
  const auto old = noise(k_size, 1);
  const auto body = noise(k_size, 2);
  OriginServer server([&](const Request&, const Connection& connection) {
    const auto whole = ok(body, "ETag: \"v2\"\r\n");
    connection.send(whole.substr(0, whole.size() - k_size / 2));
    return false;
  });
  Bench bench;
  const auto task = half(bench, server, old);
  const auto kept = bench.bytes(task.checkpoint.part);
  const auto outcome = bench.run(task);
  REQUIRE(outcome.kind == Kind::failed);
  CHECK(outcome.restarted);
  CHECK(outcome.checkpoint ==
        job::Checkpoint{task.fresh_part, task.url, {{0, k_size / 2}}, k_size, {"\"v2\"", ""}});
  CHECK((bench.bytes(outcome) == body.substr(0, k_size / 2)));
  CHECK((bench.bytes(task.checkpoint.part) == kept));
}

TEST_CASE("a start over that brings no byte leaves nothing to go on with") {
  OriginServer server([](const Request&, const Connection& connection) {
    connection.send("HTTP/1.1 200 OK\r\nETag: \"v2\"\r\nContent-Length: 10\r\n\r\n");
    return false;
  });
  Bench bench;
  const auto task = half(bench, server, noise(k_size));
  const auto outcome = bench.run(task);
  REQUIRE(outcome.kind == Kind::failed);
  CHECK(outcome.restarted);
  CHECK(bench.checkpoints(1).size() == 1);
  CHECK(outcome.checkpoint == job::Checkpoint{});
}

TEST_CASE("a kept file that ends in the middle of its record is not told of again") {
  OriginServer server([](const Request&, const Connection& connection) {
    return connection.send("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
  });
  Bench bench;
  const auto task = half(bench, server, noise(k_size));
  std::filesystem::resize_file(bench.path(task.checkpoint.part), k_here - 1);
  CHECK(bench.run(task).checkpoint == job::Checkpoint{});
}

TEST_CASE("all that is synced is continued, with its gaps filled") {
  const auto body = noise(k_size);
  OriginServer server([&](const Request& request, const Connection& connection) {
    return connection.send(part(body, request, "ETag: \"v1\"\r\n"));
  });
  Bench bench;
  auto kept = body;
  std::fill_n(kept.begin() + k_here, 1000, '?');
  std::fill(kept.begin() + k_here + 501'000, kept.end(), '?');
  const job::Checkpoint checkpoint{
      bench.new_part(kept), server.url(), {{0, k_here}, {k_here + 1000, 500'000}}, k_size, {"\"v1\"", ""}};
  const auto outcome = bench.run(bench.next(bench.task(server.url()), checkpoint));
  REQUIRE(outcome.kind == Kind::delivered);
  CHECK(outcome.fetched == k_size - k_here - 500'000);
  CHECK(outcome.size == k_size);
  CHECK((bench.bytes(outcome) == body));
  const auto requests = server.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].get("Range") == "bytes=700000-");
  CHECK(requests[1].get("Range") == "bytes=1201000-1999999");
  CHECK(requests[1].get("If-Range") == "\"v1\"");
}

TEST_CASE("what came in parts is fetched again from an origin that changed meanwhile") {
  const auto body = noise(k_size, 2);
  OriginServer server([&](const Request&, const Connection& connection) {
    return connection.send(ok(body, "ETag: \"v2\"\r\n"));
  });
  Bench bench;
  auto task = half(bench, server, noise(k_size));
  task.checkpoint.extents = {{0, k_here}, {k_here + 1000, 500'000}};
  const auto outcome = bench.run(task);
  REQUIRE(outcome.kind == Kind::delivered);
  CHECK(outcome.restarted);
  CHECK((bench.bytes(outcome) == body));
}

TEST_CASE("parts that came on trust in a digest are continued from their first gap only") {
  const auto body = noise(k_size);
  OriginServer server([&](const Request& request, const Connection& connection) {
    return connection.send(part(body, request));
  });
  Bench bench;
  auto task = half(bench, server, body);
  task.digest = sha256(body);
  task.checkpoint.validators = {};
  task.checkpoint.extents = {{0, k_here}, {k_here + 1000, 500'000}};
  const auto outcome = bench.run(task);
  REQUIRE(outcome.kind == Kind::delivered);
  CHECK(outcome.fetched == k_size - k_here);
  CHECK_FALSE(outcome.validated);
  CHECK((bench.bytes(outcome) == body));
}

TEST_CASE("bytes that came under a weak validator are told of, for another attempt to refuse") {
  const auto body = noise(k_size);
  OriginServer server([&](const Request&, const Connection& connection) {
    const auto whole = ok(body, "ETag: W/\"v1\"\r\n");
    connection.send(whole.substr(0, whole.size() - 1));
    return false;
  });
  Bench bench;
  const auto outcome = bench.run(bench.task(server.url()));
  REQUIRE(outcome.kind == Kind::failed);
  CHECK(outcome.checkpoint.validators.empty());
  CHECK(outcome.checkpoint.durable() == k_size - 1);
}

TEST_CASE("what is kept stays when the attempt fails before an answer") {
  Bench bench;
  SECTION("because the kept file cannot be looked at") {
    job::Checkpoint kept{1, "http://h/f", {{0, 5}}, {}, {"\"1\"", ""}};
    auto task = bench.task("sim:X");
    task.checkpoint = kept;
    task.kept = std::make_shared<const UniqueFd>();
    const auto outcome = bench.run(std::move(task));
    CHECK(outcome.kind == Kind::failed);
    CHECK(outcome.checkpoint == kept);
  }
  SECTION("and memory is short when that is reported") {
    job::Checkpoint kept{bench.new_part(noise(4000)), "http://h/f", {{0, 5}}, {}, {"\"1\"", ""}};
    // So many that nothing else has their size: the copy for the report is the one that fails.
    for (std::uint64_t offset = 10; kept.extents.size() < 331; offset += 10)
      kept.extents.push_back({offset, 1});
    OriginServer server([&](const Request&, const Connection& connection) {
      fail_allocation_of(kept.extents.size() * sizeof(job::Extent));
      connection.reset();
      return false;
    });
    const auto outcome = bench.run(bench.next(bench.task(server.url()), kept));
    REQUIRE(outcome.kind == Kind::failed);
    CHECK(outcome.failure->retry_class == job::RetryClass::local_resource);
    CHECK(outcome.checkpoint == kept);
  }
}
