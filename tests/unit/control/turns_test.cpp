#include "control/turns.hpp"

#include <string>

#include <systemd/sd-event.h>

#include "event/timer.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::control;

namespace {

struct TurnsBench {
  event::Loop loop;
  Turns turns{loop};
  std::string order;

  /// So many connections of the user, each of which wants its next turn as soon as it has had one.
  void want(uid_t uid, char name, int connections, int times) {
    for (int i = 0; i < connections; ++i) ask(uid, name, times);
  }
  void ask(uid_t uid, char name, int times) {
    turns.ask(uid, [this, uid, name, times] {
      order += name;
      if (times > 1) ask(uid, name, times - 1);
    });
  }
  void settle() {
    while (sd_event_run(loop.raw(), 0) > 0) continue;
  }
};

}  // namespace

TEST_CASE_METHOD(TurnsBench, "a user with one connection has every second turn beside one with a thousand") {
  want(1000, 'a', 1000, 5);
  want(1001, 'b', 1, 3);
  settle();
  CHECK(order.substr(0, 8) == "abababaa");
  CHECK(order.size() == 5003);
}

TEST_CASE_METHOD(TurnsBench, "the connections of a user have their turns in the order in which they asked") {
  for (const char name : {'a', 'b', 'c'}) ask(1000, name, 2);
  settle();
  CHECK(order == "abcabc");
}

TEST_CASE_METHOD(TurnsBench,
                 "between two turns the loop attends to what is more urgent, then to what came first") {
  event::Timer urgent(loop, [this] { order += '!'; }, event::Urgency::high);
  turns.ask(1000, [&] {
    order += 'a';
    urgent.arm(Microseconds(0));
  });
  turns.ask(1000, [&] { order += 'b'; });
  settle();
  CHECK(order == "a!b");
}
