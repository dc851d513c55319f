#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "bench.hpp"
#include "origin_server.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::test;
using namespace std::chrono_literals;
using Kind = job::Outcome::Kind;

namespace {

constexpr std::size_t k_size = 12 << 20;
const char* const k_fields = "ETag: \"v1\"\r\nAccept-Ranges: bytes\r\n";

/// Sends slowly enough that more connections bring more.
bool trickle(const Connection& connection, const std::string& answer, std::size_t end = std::string::npos) {
  constexpr std::size_t k_piece = 64 << 10;
  const auto size = std::min(end, answer.size());
  for (std::size_t begin = 0; begin < size; begin += k_piece) {
    if (!connection.send(answer.substr(begin, std::min(k_piece, size - begin)))) return false;
    std::this_thread::sleep_for(10ms);
  }
  return true;
}

/// Answers each part by itself, or the whole file.
std::string answer_to(const Request& request, const std::string& body) {
  return request.get("Range").empty() ? ok(body, k_fields) : part(body, request, k_fields);
}

/// The requests for parts.
std::vector<Request> parts(const OriginServer& server) {
  auto requests = server.requests();
  std::erase_if(requests, [](const Request& request) { return request.get("Range").empty(); });
  return requests;
}

/// Little more than `size` bytes: on a machine that is busy the end of a slow connection is asked for twice.
bool is_about(std::uint64_t fetched, std::uint64_t size) {
  return fetched >= size && fetched < size + k_size / 2;
}

struct SegmentsBench : Bench {
  const std::string body = noise(k_size);
  job::Outcome fetch(const OriginServer& server) {
    const auto outcome = run(task(server.url()));
    REQUIRE(outcome.kind == Kind::delivered);
    CHECK(outcome.size == k_size);
    CHECK(outcome.validated);
    CHECK((bytes(outcome) == body));
    return outcome;
  }
};

}  // namespace

TEST_CASE_METHOD(SegmentsBench, "a file is fetched over several connections where that is faster") {
  OriginServer server([&](const Request& request, const Connection& connection) {
    return trickle(connection, answer_to(request, body));
  });
  settings.connections = GENERATE(1, 4);
  const auto outcome = fetch(server);
  CHECK(is_about(outcome.fetched, k_size));
  const auto asked = parts(server);
  if (settings.connections == 1) {
    CHECK(asked.empty());
  } else {
    REQUIRE_FALSE(asked.empty());
    for (const auto& request : asked) CHECK(request.get("If-Range") == "\"v1\"");
  }
}

TEST_CASE_METHOD(SegmentsBench, "a file is not divided") {
  std::string fields = k_fields;
  SECTION("where the origin has no parts") {
    fields = "ETag: \"v1\"\r\nAccept-Ranges: none\r\n";
  }
  SECTION("where it does not say") {
    fields = "ETag: \"v1\"\r\n";
  }
  SECTION("where nothing tells its versions apart") {
    fields = "Accept-Ranges: bytes\r\n";
  }
  SECTION("where its validator is weak") {
    fields = "ETag: W/\"v1\"\r\nAccept-Ranges: bytes\r\n";
  }
  OriginServer server(
      [&](const Request&, const Connection& connection) { return trickle(connection, ok(body, fields)); });
  fetch(server);
  CHECK(server.requests().size() == 1);
}

TEST_CASE_METHOD(SegmentsBench, "an origin that lies about parts is asked for the whole by one connection") {
  std::function<std::string(const Request&)> lie;
  SECTION("it sends the whole file") {
    lie = [&](const Request&) { return ok(body, k_fields); };
  }
  SECTION("it sends another version") {
    lie = [&](const Request& request) { return test::part(body, request, "ETag: \"v2\"\r\n"); };
  }
  SECTION("it sends another part") {
    lie = [&](const Request& request) { return test::part(body, range_start(request) + 1, k_fields); };
  }
  SECTION("it sends more of it") {
    lie = [&](const Request& request) { return test::part(body, range_start(request) - 1, k_fields); };
  }
  SECTION("it has another length") {
    lie = [&](const Request& request) { return test::part(body + "!", range_start(request), k_fields); };
  }
  SECTION("it says that there is none") {
    lie = [&](const Request&) { return "HTTP/1.1 416 No\r\nContent-Length: 0\r\n\r\n"; };
  }
  SECTION("it says that nothing has changed") {
    lie = [&](const Request&) { return "HTTP/1.1 304 Same\r\n\r\n"; };
  }
  OriginServer server([&](const Request& request, const Connection& connection) {
    return trickle(connection, request.get("Range").empty() ? ok(body, k_fields) : lie(request));
  });
  CHECK(fetch(server).fetched == k_size);
  // Once, and then never again.
  CHECK(parts(server).size() == 1);
}

TEST_CASE_METHOD(SegmentsBench, "an origin that refuses one more connection is not asked for it twice") {
  OriginServer server([&](const Request& request, const Connection& connection) {
    if (request.get("Range").empty()) return trickle(connection, ok(body, k_fields));
    return connection.send("HTTP/1.1 429 Too Many\r\nContent-Length: 0\r\n\r\n");
  });
  CHECK(fetch(server).fetched == k_size);
  CHECK(parts(server).size() == 1);
}

TEST_CASE_METHOD(SegmentsBench, "what a dropped connection had to bring is brought by others") {
  std::atomic<int> dropped = 0;
  OriginServer server([&](const Request& request, const Connection& connection) {
    const bool first = request.get("Range").empty();
    const auto answer = answer_to(request, body);
    // The first one before its end, and the second one as well.
    if ((first || dropped.load() < 1) && (!first || dropped.load() == 0)) {
      ++dropped;
      trickle(connection, answer, 1'500'000);
      return false;
    }
    return trickle(connection, answer);
  });
  CHECK(is_about(fetch(server).fetched, k_size));
  CHECK(dropped > 0);
}

TEST_CASE_METHOD(SegmentsBench, "what is stopped keeps all that came, wherever it belongs") {
  std::atomic<bool> in_part = false, stopped_once = false;
  OriginServer server([&](const Request& request, const Connection& connection) {
    const auto answer = answer_to(request, body);
    if (stopped_once || request.get("Range").empty()) return trickle(connection, answer);
    // A part that has begun, goes on as long as it takes, and does not come to its end.
    constexpr std::size_t k_begun = 256 << 10, k_drop = 100;
    if (!trickle(connection, answer, k_begun)) return false;
    in_part = true;
    for (std::size_t begin = k_begun; begin < answer.size(); begin += k_drop) {
      if (!connection.send(answer.substr(begin, k_drop))) return false;
      std::this_thread::sleep_for(10ms);
    }
    return true;
  });
  const auto begun = task(server.url());
  on_progress_of = [&](job::Id id) {
    if (in_part && progress(id).back().received > k_size / 4) pool().stop(id);
  };
  const auto stopped = run(begun);
  REQUIRE(stopped.kind == Kind::stopped);
  CHECK(stopped.checkpoint.extents.size() > 1);
  on_progress_of = nullptr;
  stopped_once = true;
  const auto outcome = run(next(begun, stopped.checkpoint));
  REQUIRE(outcome.kind == Kind::delivered);
  CHECK_FALSE(outcome.restarted);
  CHECK(is_about(outcome.fetched, k_size - stopped.checkpoint.durable()));
  CHECK((bytes(outcome) == body));
}

TEST_CASE_METHOD(SegmentsBench, "a slow end is asked for twice") {
  std::atomic<int> ends = 0;
  OriginServer server([&](const Request& request, const Connection& connection) {
    const auto answer = answer_to(request, body);
    // The first who asks for the end hardly gets any of it.
    const auto range = request.get("Range");
    const bool is_end = range.ends_with("-" + std::to_string(k_size - 1));
    if (!is_end || ends++ > 0) return trickle(connection, answer);
    const auto head = answer.find("\r\n\r\n") + 4;
    (void)connection.send(answer.substr(0, head + 1000));
    connection.wait_for_close();
    return false;
  });
  fetch(server);
  CHECK(ends > 1);
}

namespace {

/// Two servers of a file of which one knows nothing of the other; `second` is what that answers with.
struct MirrorsBench : SegmentsBench {
  const std::string fields =
      "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nDate: Mon, 07 Nov 1994 08:49:37 GMT\r\n"
      "Accept-Ranges: bytes\r\n";
  std::function<bool(const Request&, const Connection&)> second = [this](const Request& request,
                                                                         const Connection& connection) {
    return trickle(connection, test::part(body, request, "ETag: \"mine\"\r\n" + fields));
  };
  OriginServer one{[this](const Request& request, const Connection& connection) {
    const auto own = "ETag: \"v1\"\r\n" + fields;
    return trickle(connection, request.get("Range").empty() ? ok(body, own) : test::part(body, request, own));
  }};
  OriginServer two{
      [this](const Request& request, const Connection& connection) { return second(request, connection); }};

  job::Outcome fetch_from_both(bool with_digest = false) {
    settings.connections = 2;
    auto task = this->task(one.url());
    task.mirrors = {{two.url(), false}};
    if (with_digest) task.digest = sha256(body);
    const auto outcome = run(task);
    REQUIRE(outcome.kind == Kind::delivered);
    CHECK(outcome.size == k_size);
    CHECK((bytes(outcome) == body));
    return outcome;
  }
};

}  // namespace

TEST_CASE_METHOD(MirrorsBench, "mirrors bring parts of what they have in common") {
  const auto outcome = fetch_from_both();
  CHECK(outcome.validated);
  CHECK(outcome.dropped.empty());
  REQUIRE_FALSE(two.requests().empty());
  CHECK(two.requests().front().get("If-Range") == "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST_CASE_METHOD(MirrorsBench, "mirrors bring parts on trust where a digest decides") {
  second = [this](const Request& request, const Connection& connection) {
    return trickle(connection, test::part(body, request));
  };
  const auto outcome = fetch_from_both(true);
  CHECK_FALSE(outcome.validated);
  CHECK(two.requests().front().get("If-Range").empty());
}

TEST_CASE_METHOD(MirrorsBench, "a mirror that has not the same file is left out") {
  SECTION("it says so") {
    second = [this](const Request&, const Connection& connection) { return connection.send(ok(body + "!")); };
  }
  SECTION("its file has another length") {
    second = [this](const Request& request, const Connection& connection) {
      return connection.send(test::part(body + "!", range_start(request), fields));
    };
  }
  SECTION("its file has another time") {
    second = [this](const Request& request, const Connection& connection) {
      return connection.send(test::part(body, request, "Last-Modified: Sun, 06 Nov 1994 08:49:38 GMT\r\n"));
    };
  }
  SECTION("it has no such file") {
    second = [](const Request&, const Connection& connection) {
      return connection.send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    };
  }
  SECTION("it hangs up") {
    second = [](const Request&, const Connection&) { return false; };
  }
  const auto outcome = fetch_from_both();
  CHECK(outcome.validated);
  REQUIRE(outcome.dropped.size() == 1);
  CHECK(outcome.dropped.front().index == 0);
  CHECK_FALSE(outcome.dropped.front().reason.empty());
}

TEST_CASE("a mirror goes on alone when the other one is gone") {
  MirrorsBench bench;
  std::atomic<bool> gone = false;
  OriginServer dying([&](const Request&, const Connection& connection) {
    if (gone.exchange(true)) return false;
    trickle(connection, ok(bench.body, "ETag: \"v1\"\r\n" + bench.fields), 2'000'000);
    return false;
  });
  bench.settings.connections = 2;
  auto task = bench.task(dying.url());
  task.mirrors = {{bench.two.url(), false}};
  const auto outcome = bench.run(task);
  REQUIRE(outcome.kind == Kind::delivered);
  CHECK((bench.bytes(outcome) == bench.body));
}
