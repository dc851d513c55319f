#include "queue/held_back.hpp"

#include "sd/message_id.hpp"
#include "support/catch.hpp"
#include "unit/queue/fakes/journal.hpp"
#include "unit/queue/queue_bench.hpp"

using namespace concd;
using namespace concd::test;
using namespace std::chrono_literals;
namespace message_id = sd::message_id;

namespace {

std::string url(int number) {
  return "https://host" + std::to_string(number) + "/file";
}

}  // namespace

TEST_CASE_METHOD(RunningBench,
                 "a limit that holds transfers back is told once, and once when it no longer does") {
  config.limits.active = 1;
  configure();
  const auto first = download(url(1)), second = download(url(2)), third = download(url(3));
  CHECK(journal.count(message_id::held_back) == 0);
  advance(1s);
  REQUIRE(journal.count(message_id::held_back) == 1);
  const auto line = journal.of(message_id::held_back)[0];
  CHECK(line.has("CONCD_WAIT=slot"));
  CHECK(line.has("CONCD_WAIT_LIMIT=queue.active"));
  fetch(first.transfer);
  advance(1min);
  CHECK(journal.count(message_id::held_back) == 1);
  CHECK(journal.count(message_id::held_back_ended) == 0);
  fetch(second.transfer);
  advance(1min);
  REQUIRE(journal.count(message_id::held_back_ended) == 1);
  CHECK(journal.of(message_id::held_back_ended)[0].has("CONCD_WAIT_LIMIT=queue.active"));
  fetch(third.transfer);
  advance(1h);
  CHECK(journal.count(message_id::held_back) == 1);
}

TEST_CASE_METHOD(RunningBench, "a limit that holds back for less than a second is not told") {
  config.limits.active = 1;
  configure();
  const auto first = download(url(1));
  (void)download(url(2));
  advance(500ms);
  fetch(first.transfer);
  advance(1min);
  CHECK(journal.count(message_id::held_back) == 0);
}

TEST_CASE_METHOD(RunningBench, "each limit is told on its own, that of a host by its name") {
  config.limits.active_per_host = 1;
  config.limits.active_per_user = 2;
  configure();
  (void)download(url(1));
  (void)download(url(1) + "2");
  (void)download(url(2));
  (void)download(url(3));
  advance(1s);
  CHECK(journal.count_text("from host1 are running, the most that queue.active_per_host allows") == 1);
  CHECK(journal.count_text("the most that queue.active_per_user allows") == 1);
}

TEST_CASE_METHOD(RunningBench, "a host that cannot be connected to is told as it is left alone, once") {
  (void)download("https://host/1");
  const auto second = download("https://host/2");
  config.limits.active_per_host = 1;
  configure();
  (void)download("https://host/3");
  const auto back_off = failure(job::RetryClass::host_backoff);
  advance(500ms);
  fail(second.transfer, back_off);
  CHECK(get(second.id).state == job::State::waiting);
  const auto third = get(3);
  REQUIRE(third.wait);
  CHECK(third.wait->cause->kind == job::WaitKind::host_backoff);
  CHECK(third.wait->cause->host == "host");
  advance(10s);
  const auto begins = journal.of(message_id::held_back), ends = journal.of(message_id::held_back_ended);
  const auto of_backoff = [](const auto& line) { return line.has("CONCD_WAIT=host_backoff"); };
  CHECK(std::ranges::count_if(begins, of_backoff) == 1);
  CHECK(std::ranges::count_if(ends, of_backoff) == 1);
}
