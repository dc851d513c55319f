#include <set>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>

#include "allocation_failure.hpp"
#include "bench.hpp"
#include "engine/attempt.hpp"
#include "origin_server.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::test;
using Kind = job::Outcome::Kind;

TEST_CASE("many transfers on several threads each end once, with their own file") {
  OriginServer server([](const Request& request, const Connection& connection) {
    return connection.send(ok("this is " + request.path()));
  });
  Bench bench(3);
  constexpr job::Id k_count = 300;
  for (job::Id id = 1; id <= k_count; ++id) bench.start(bench.task(server.url("/" + std::to_string(id)), id));
  bench.finish();
  std::set<std::string> threads;
  for (job::Id id = 1; id <= k_count; ++id) {
    REQUIRE(bench.outcome(id).kind == Kind::delivered);
    CHECK(bench.bytes(bench.outcome(id)) == "this is /" + std::to_string(id));
    threads.insert(bench.execution(id).thread_id);
  }
  CHECK(threads == std::set<std::string>{"transfer-0", "transfer-1", "transfer-2"});
}

TEST_CASE("a pool may go while transfers run; nothing is reported then") {
  OriginServer server([](const Request&, const Connection& connection) {
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
    connection.wait_for_close();
    return false;
  });
  Bench bench(2);
  for (job::Id id = 1; id <= 10; ++id) bench.start(bench.task(server.url(), id));
  bench.start(bench.task("sim:X", 11));
}

TEST_CASE("threads are alive to the watchdog while idle and while they work") {
  Bench bench(2);
  const auto threads = bench.pool().liveness();
  REQUIRE(threads.size() == 2);
  bench.on_progress_of = [&](job::Id) {
    for (auto* const liveness : threads) CHECK(liveness->alive());
  };
  CHECK(bench.run(bench.task("sim:X")).kind == Kind::delivered);
}

TEST_CASE("running out of descriptors fails what needs one, to be tried again") {
  OriginServer server(
      [](const Request&, const Connection& connection) { return connection.send(ok("hello")); });
  Bench bench;
  const auto task = bench.task(server.url());
  bench.pool();
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit few{64, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
  std::vector<UniqueFd> hoard;
  for (int fd = ::open("/dev/null", O_RDONLY); fd >= 0; fd = ::open("/dev/null", O_RDONLY))
    hoard.emplace_back(fd);
  const auto outcome = bench.run(task);
  hoard.clear();
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  REQUIRE(outcome.kind == Kind::failed);
  INFO(outcome.failure->message);
  CHECK(outcome.failure->retry_class == job::RetryClass::local_resource);
  const auto later = bench.run(bench.next(task, outcome.checkpoint));
  if (later.failure) UNSCOPED_INFO(later.failure->message);
  CHECK(later.kind == Kind::delivered);
}

TEST_CASE("settings count from the next attempt on") {
  Bench bench;
  auto strict = bench.settings;
  strict.schemes.clear();
  bench.pool().set_settings(strict);
  CHECK(bench.run(bench.task("http://127.0.0.1:1/")).failure->retry_class == job::RetryClass::mirror);
}

TEST_CASE("stopping what does not run is harmless") {
  Bench bench;
  bench.pool().stop(7);
  CHECK(bench.run(bench.task("sim:")).kind == Kind::failed);
}

TEST_CASE("a transfer that cannot be begun for want of memory fails alone, and keeps what it had") {
  Bench bench;
  job::Checkpoint kept{bench.new_part("hello"), "http://h/f", {{0, 5}}, {}, {"\"1\"", ""}};
  auto first = bench.next(bench.task("sim:X", 1), kept);
  auto second = bench.task("sim:X", 2);
  bench.pool();
  fail_allocation_of(sizeof(engine::Attempt));
  bench.start(std::move(first));
  bench.start(std::move(second));
  bench.finish();
  REQUIRE(bench.outcome(1).kind == Kind::failed);
  CHECK(bench.outcome(1).failure->retry_class == job::RetryClass::local_resource);
  CHECK(bench.outcome(1).checkpoint == kept);
  CHECK(bench.outcome(2).kind == Kind::delivered);
}
