#include "control/users.hpp"

#include "support/catch.hpp"
#include "unit/queue/fakes/time.hpp"

using namespace concd;
using namespace concd::control;

namespace {

constexpr uid_t k_ana = 1000, k_eve = 1001;

struct UsersBench {
  test::FakeTime time;
  Users users{time};

  void limit(const CallerLimits& limits) { users.set_limits(limits); }
};

std::string limit_of(const Users::Verdict& verdict) {
  return verdict ? verdict->limit : "";
}

}  // namespace

TEST_CASE_METHOD(UsersBench, "a user has so many connections, others have theirs, and root has any number") {
  limit({.connections = 10, .connections_per_user = 2});
  for (int i = 0; i < 2; ++i) CHECK_FALSE(users.connect(k_eve));
  CHECK(limit_of(users.connect(k_eve)) == "limits.connections_per_user");
  CHECK(users.connect(k_eve)->most == 2);
  for (int i = 0; i < 3; ++i) CHECK_FALSE(users.connect(0));
  users.disconnect(k_eve);
  CHECK_FALSE(users.connect(k_eve));
}

TEST_CASE_METHOD(UsersBench, "all users together have so many connections") {
  limit({.connections = 3, .connections_per_user = 2});
  CHECK_FALSE(users.connect(k_ana));
  for (int i = 0; i < 2; ++i) CHECK_FALSE(users.connect(k_eve));
  CHECK(limit_of(users.connect(k_ana)) == "limits.connections");
}

TEST_CASE_METHOD(UsersBench, "a user holds so much memory, and what is given back may be taken again") {
  limit({.memory_per_user = 100});
  CHECK_FALSE(users.connect(k_eve));
  CHECK_FALSE(users.hold(k_eve, 100));
  CHECK(limit_of(users.hold(k_eve, 1)) == "limits.memory_per_user");
  CHECK_FALSE(users.hold(k_eve, -51));
  CHECK_FALSE(users.hold(k_eve, 50));
  CHECK(users.memory() == 100);
}

TEST_CASE_METHOD(UsersBench, "where all hold too much, who has more than an equal share gives way") {
  limit({.memory = 100, .memory_per_user = 95});
  CHECK_FALSE(users.connect(k_ana));
  CHECK_FALSE(users.connect(k_eve));
  CHECK_FALSE(users.hold(k_eve, 90));
  CHECK_FALSE(users.hold(k_ana, 20));
  CHECK(limit_of(users.hold(k_eve, 1)) == "limits.memory");
}

TEST_CASE_METHOD(UsersBench, "who holds nothing makes nobody's share smaller") {
  limit({.memory = 100, .memory_per_user = 95});
  for (const auto uid : {k_ana, k_eve, k_eve + 1, k_eve + 2}) CHECK_FALSE(users.connect(uid));
  (void)users.hold(k_eve, 90);
  CHECK_FALSE(users.hold(k_ana, 40));
}

TEST_CASE_METHOD(UsersBench,
                 "a user submits a burst, then at a rate; others and root are not held back by it") {
  limit({.submissions_per_user = 10, .submission_burst = 3});
  for (const auto uid : {k_ana, k_eve, uid_t(0)}) CHECK_FALSE(users.connect(uid));
  for (int i = 0; i < 3; ++i) CHECK_FALSE(users.submit(k_eve));
  CHECK(limit_of(users.submit(k_eve)) == "limits.submissions_per_user");
  CHECK_FALSE(users.submit(k_ana));
  for (int i = 0; i < 10; ++i) CHECK_FALSE(users.submit(0));
  time.pass(std::chrono::milliseconds(100));
  CHECK_FALSE(users.submit(k_eve));
  CHECK(users.submit(k_eve));
  time.pass(std::chrono::hours(1));
  for (int i = 0; i < 3; ++i) CHECK_FALSE(users.submit(k_eve));
  CHECK(users.submit(k_eve));
}

TEST_CASE_METHOD(UsersBench, "a user who comes again has not got a new burst, however many came in between") {
  limit({.submissions_per_user = 1, .submission_burst = 1});
  CHECK_FALSE(users.connect(k_eve));
  CHECK_FALSE(users.submit(k_eve));
  users.disconnect(k_eve);
  for (uid_t uid = 5000; uid < 8000; ++uid) {
    CHECK_FALSE(users.connect(uid));
    users.disconnect(uid);
  }
  CHECK_FALSE(users.connect(k_eve));
  CHECK(users.submit(k_eve));
}
