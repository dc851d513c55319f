#include "unit/queue/queue_bench.hpp"

using namespace concd;
using namespace concd::test;
using job::State;

TEST_CASE_METHOD(RunningBench, "a job is told to anybody, whether it goes on or has ended") {
  const auto job = download();
  CHECK(get(job.id).state == State::running);
  fetch(job.transfer);
  CHECK(get(job.id).state == State::done);
  CHECK(is_refused<control::NoSuchJob>(answer_of<View>([&](auto reply) { service.get(job.id + 1, reply); })));
  storage.is_damaged = true;
  CHECK(is_refused<control::StoreFailed>(answer_of<View>([&](auto reply) { service.get(job.id, reply); })));
}
