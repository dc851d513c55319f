#include "queue/waits.hpp"

#include <string>

#include "support/catch.hpp"
#include "unit/queue/fakes/time.hpp"

using namespace concd;
using namespace concd::test;
using namespace std::chrono_literals;

namespace {

struct WaitsBench {
  /// Time passes, and what is due meanwhile is noted: "1 2 host ".
  std::string due_within(Microseconds span) {
    due.clear();
    const auto until = time.boottime() + span;
    while (time.next_alarm() <= until) {
      if (time.next_alarm() > time.boottime()) time.pass(time.next_alarm() - time.boottime());
      time.ring_one();
    }
    time.pass(until - time.boottime());
    return due;
  }

  FakeTime time;
  std::string due;
  std::uint64_t free = 0;
  queue::Waits waits{time,
                     time.alarms(),
                     {[this](job::Id id) { due += std::to_string(id) + ' '; },
                      [this](const std::string& host) { due += host + ' '; }, [this] { return free; }}};
};

}  // namespace

TEST_CASE_METHOD(WaitsBench, "each is due at its time, once") {
  waits.until(1, time.boottime() + 3s);
  waits.until(2, time.boottime() + 1s);
  waits.back_off("host", time.boottime() + 2s);
  CHECK(due_within(1s) == "2 ");
  CHECK(due_within(2s) == "host 1 ");
  CHECK(due_within(1h).empty());
}

TEST_CASE_METHOD(WaitsBench, "a time that has passed is due at once") {
  waits.until(1, time.boottime() - 1s);
  CHECK(due_within(0s) == "1 ");
}

TEST_CASE_METHOD(WaitsBench, "a host that is due comes before the transfers that wait for it") {
  waits.until(1, time.boottime() + 1s);
  waits.back_off("host", time.boottime() + 1s);
  CHECK(due_within(1s) == "host 1 ");
}

TEST_CASE_METHOD(WaitsBench, "who waits no more is not told, who waits anew is told at the new time") {
  waits.until(1, time.boottime() + 1s);
  waits.until(2, time.boottime() + 1s);
  waits.remove(1);
  waits.remove(99);
  waits.until(2, time.boottime() + 5s);
  CHECK(due_within(4s).empty());
  CHECK(due_within(1s) == "2 ");
}

TEST_CASE_METHOD(WaitsBench, "what waits for space goes on once the disk has it") {
  waits.until_space(1, {100, time.boottime() + 10min});
  free = 99;
  CHECK(due_within(1min).empty());
  free = 100;
  CHECK(due_within(5s) == "1 ");
  free = 0;
  CHECK(due_within(1h).empty());
}

TEST_CASE_METHOD(WaitsBench, "what waits for space is tried at last without it") {
  waits.until_space(1, {100, time.boottime() + 12s});
  CHECK(due_within(11s).empty());
  CHECK(due_within(1s) == "1 ");
}

TEST_CASE_METHOD(WaitsBench, "a wait for space that became one for a time is one for a time") {
  waits.until_space(1, {100, time.boottime() + 10min});
  waits.until(1, time.boottime() + 1s);
  CHECK(due_within(1s) == "1 ");
}
