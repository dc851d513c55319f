#include "unit/queue/queue_bench.hpp"

using namespace concd;
using namespace concd::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(RunningBench, "the status counts jobs by their state") {
  config.limits.active = 3;
  configure();
  const auto url = [](int number) { return "https://example.org/" + std::to_string(number); };
  const auto waiting = download(url(1)), paused = download(url(2)), done = download(url(3));
  fail(waiting.transfer, failure(job::RetryClass::offline));
  REQUIRE(pause(paused.id));
  let_go(paused.transfer);
  fetch(done.transfer);
  const auto failed = download(url(4));
  fail(failed.transfer, failure(job::RetryClass::none));
  const auto publishing = download(url(5));
  deliver(publishing.transfer);
  for (int i = 6; i < 10; ++i) (void)download(url(i));
  const auto status = service.status();
  CHECK(status.active == 4);
  CHECK(status.queued == 1);
  CHECK(status.waiting == 1);
  CHECK(status.paused == 1);
  CHECK(status.done == 1);
  CHECK(status.failed == 1);
  CHECK(status.free > 0);
  const auto before = status.uptime;
  time.pass(5s);
  CHECK(service.status().uptime == before + 5s);
}
