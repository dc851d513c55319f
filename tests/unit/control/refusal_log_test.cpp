#include "control/refusal_log.hpp"

#include <utility>

#include "support/catch.hpp"
#include "unit/queue/fakes/journal.hpp"
#include "unit/queue/fakes/time.hpp"

using namespace concd;
using namespace concd::control;

namespace {

struct RefusalBench {
  test::FakeJournal journal;
  test::FakeTime time;
  RefusalLog log{time, time.alarms()};

  void refuse(uid_t uid, int times) {
    for (int i = 0; i < times; ++i) log.note(spdlog::level::info, {uid, 0, 77}, "refused io.concd.Get: X");
  }
  void next_second() {
    time.pass(std::chrono::seconds(1));
    REQUIRE(time.ring_one());
  }
};

}  // namespace

TEST_CASE_METHOD(RefusalBench,
                 "the first refusal of a user is told at once, the others once a second by number") {
  refuse(1000, 20'000);
  refuse(1001, 1);
  CHECK(journal.count_text("uid 1000, pid 77: refused io.concd.Get: X") == 1);
  CHECK(journal.count_text("uid 1001, pid 77: refused") == 1);
  CHECK(journal.count_text("more") == 0);
  next_second();
  CHECK(journal.count_text("refused 19999 more calls and connections of uid 1000") == 1);
  CHECK(journal.count_text("more calls") == 1);
  refuse(1000, 5);
  next_second();
  CHECK(journal.count_text("pid 77") == 2);
  CHECK(journal.count_text("refused 5 more") == 1);
}

TEST_CASE_METHOD(RefusalBench,
                 "who has behaved for a second is told of at once again, and the daemon sleeps") {
  refuse(1000, 1);
  next_second();
  CHECK(time.next_alarm() == Microseconds::max());
  refuse(1000, 1);
  CHECK(journal.count_text("pid 77") == 2);
}
