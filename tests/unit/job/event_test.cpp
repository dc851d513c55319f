#include "job/event.hpp"

#include "support/catch.hpp"

using namespace concd::job;

TEST_CASE("the event of a state has the state's word, but for started") {
  using enum State;
  for (const auto state : {queued, waiting, paused, publishing, done, failed, cancelled})
    CHECK(to_string(event_of(state)) == to_string(state));
  CHECK(event_of(running) == JobEventKind::started);
}

TEST_CASE("every event is read from the word that it is written as") {
  for (int i = 0; i <= static_cast<int>(JobEventKind::cancelled); ++i) {
    const auto kind = static_cast<JobEventKind>(i);
    CHECK(job_event_kind_from_string(to_string(kind)) == kind);
  }
  CHECK_FALSE(job_event_kind_from_string("running"));
}
