#include "unit/queue/queue_bench.hpp"

using namespace concd;
using namespace concd::test;
using job::State;

TEST_CASE_METHOD(RunningBench, "a released file is given up, and its job stays") {
  const auto job = download();
  CHECK(is_refused<control::WrongState>(release(job.id)));
  fetch(job.transfer);
  CHECK(is_refused<control::NotPermitted>(release(job.id, k_other)));
  CHECK(has_result(job.transfer));
  const auto released = release(job.id);
  REQUIRE(released);
  CHECK(released->released);
  CHECK(released->path.empty());
  CHECK(released->state == State::done);
  CHECK_FALSE(has_result(job.transfer));
  CHECK(release(job.id)->released);
  CHECK(is_refused<control::NoSuchJob>(release(99)));
}

TEST_CASE_METHOD(RunningBench, "a file that another job needs is kept") {
  const auto first = download(), second = download();
  fetch(first.transfer);
  REQUIRE(release(first.id));
  CHECK(has_result(first.transfer));
  REQUIRE(release(second.id, k_root));
  CHECK_FALSE(has_result(first.transfer));
}

TEST_CASE_METHOD(RunningBench, "a name of the library is not given up") {
  configure("[big]\nurl = \"https://one/big\"\n");
  const auto job = download("big");
  fetch(job.transfer);
  const auto released = release(job.id);
  REQUIRE(released);
  CHECK_FALSE(released->released);
  CHECK(released->path == folder.library("big"));
}

TEST_CASE_METHOD(RunningBench, "a file is kept as long as its release cannot be written") {
  const auto job = download();
  fetch(job.transfer);
  storage.disk_is_full = true;
  CHECK(is_refused<control::StoreFailed>(release(job.id)));
  CHECK(has_result(job.transfer));
  CHECK_FALSE(get(job.id).released);
}
