#include "scheduler/places.hpp"

#include <vector>

#include "support/catch.hpp"

using namespace concd;
using concd::scheduler::Candidate;
using concd::scheduler::Limits;
using concd::scheduler::Places;
using job::Id;
using job::Priority;
using job::WaitCause;
using job::WaitKind;

namespace {

const Limits k_no_limits{.active = 100, .active_per_host = 100, .active_per_user = 0, .processes = 100};

/// All that may run now.
std::vector<Id> take_all(Places& places) {
  std::vector<Id> taken;
  while (const auto id = places.take()) taken.push_back(*id);
  return taken;
}

Places with(Limits limits, const std::vector<Candidate>& candidates) {
  Places places(limits);
  for (const auto& candidate : candidates) places.add(candidate);
  return places;
}

constexpr auto k_low = Priority::low;
constexpr auto k_high = Priority::high;
constexpr auto k_foreground = Priority::foreground;

struct Row {
  const char* what;
  Limits limits;
  std::vector<Candidate> queued;
  std::vector<Id> taken;         ///< in this order
  std::optional<WaitCause> why;  ///< of the last one that is queued
};

Limits active(std::uint32_t n) {
  return {.active = n, .active_per_host = 100, .active_per_user = 0, .processes = 100};
}
Limits per_host(std::uint32_t n) {
  return {.active = 100, .active_per_host = n, .active_per_user = 0, .processes = 100};
}
Limits per_user(std::uint32_t n) {
  return {.active = 100, .active_per_host = 100, .active_per_user = n, .processes = 100};
}
Limits processes(std::uint32_t n) {
  return {.active = 100, .active_per_host = 100, .active_per_user = 0, .processes = n};
}
WaitCause held_by(WaitKind kind, const char* limit, std::uint32_t running, const char* host = "") {
  return {kind, limit, running, host, 0, 0, {}};
}

// id, host, process, uid, priority
const std::vector<Row> k_rows{
    {"the oldest goes first, whatever the order of adding",
     k_no_limits,
     {{3, "a"}, {1, "a"}, {2, "a", true}},
     {1, 2, 3},
     {}},
    {"of the hosts of one user each has its turn, threads and processes alike",
     k_no_limits,
     {{1, "a"}, {2, "a"}, {3, "a", true}, {4, "b"}, {5, "c", true}, {6, "c"}},
     {1, 4, 5, 2, 6, 3},
     {}},
    {"each place goes to the user who has the fewest",
     active(5),
     {{1, "a", false, {7}},
      {2, "b", false, {7}},
      {3, "c", false, {7}},
      {4, "a", false, {8}},
      {5, "a", false, {8}},
      {6, "a", false, {9}},
      {7, "d", false, {7}}},
     {1, 4, 6, 2, 5},
     held_by(WaitKind::slot, "queue.active", 5)},
    {"a higher priority of one user does not go before the turn of another",
     active(2),
     {{1, "a", false, {7}, k_high}, {2, "b", false, {7}, k_high}, {3, "c", false, {8}, k_low}},
     {1, 3},
     {}},
    {"of users who both have their turn the one with the higher priority begins",
     active(1),
     {{1, "a", false, {7}, k_low}, {2, "b", false, {8}, k_high}},
     {2},
     {}},
    {"what several want counts for the one whose turn it was",
     active(4),
     {{1, "a", false, {7}},
      {2, "a", false, {7, 8}},
      {3, "a", false, {7}},
      {4, "a", false, {8}},
      {5, "a", false, {7}}},
     {1, 2, 3, 4},
     held_by(WaitKind::slot, "queue.active", 4)},
    {"a user at his limit does not hold back what another wants, too",
     per_user(1),
     {{1, "a", false, {7}}, {2, "b", false, {7}}, {3, "c", false, {7, 8}}},
     {1, 3},
     {}},
    {"the highest priority goes first, among equals the oldest",
     k_no_limits,
     {{1, "a", false, {0}, k_low},
      {2, "a"},
      {3, "b", false, {0}, k_high},
      {4, "a", false, {0}, k_high},
      {5, "a", false, {0}, k_foreground}},
     {5, 3, 4, 2, 1},
     {}},
    {"a high priority that is held back does not hold back a low one",
     per_host(1),
     {{1, "slow", false, {0}, k_high}, {2, "other", false, {0}, k_low}, {3, "slow", false, {0}, k_high}},
     {1, 2},
     held_by(WaitKind::host_slot, "queue.active_per_host", 1, "slow")},
    {"no more than the limit run at once",
     active(1),
     {{1, "a"}, {2, "b"}},
     {1},
     held_by(WaitKind::slot, "queue.active", 1)},
    {"a host at its limit does not hold back another host",
     per_host(2),
     {{1, "slow"}, {2, "slow"}, {4, "other"}, {3, "slow"}},
     {1, 4, 2},
     held_by(WaitKind::host_slot, "queue.active_per_host", 2, "slow")},
    {"transfers without a host have no limit per host", per_host(1), {{1, ""}, {2, ""}}, {1, 2}, {}},
    {"a user at his limit does not hold back another user",
     per_user(1),
     {{1, "a", false, {7}}, {3, "a", false, {8}}, {2, "b", false, {7}}},
     {1, 3},
     held_by(WaitKind::user_slot, "queue.active_per_user", 1)},
    {"without a limit per user one may take all places",
     active(2),
     {{1, "a", false, {7}}, {2, "a", false, {7}}, {3, "a", false, {7}}},
     {1, 2},
     held_by(WaitKind::slot, "queue.active", 2)},
    {"processes have a limit of their own that threads do not feel",
     processes(1),
     {{1, "a", true}, {3, "a", false}, {2, "a", true}},
     {1, 3},
     held_by(WaitKind::slot, "worker.limit", 1)},
};

}  // namespace

TEST_CASE("who runs next, and what holds back the others") {
  for (const auto& row : k_rows) {
    INFO(row.what);
    auto places = with(row.limits, row.queued);
    CHECK(take_all(places) == row.taken);
    CHECK(places.running() == row.taken.size());
    CHECK(places.queued() == row.queued.size() - row.taken.size());
    CHECK(places.why_waits(row.queued.back().id) == row.why);
  }
}

TEST_CASE("the end of one lets the next one run, for each limit") {
  for (const auto& limits : {active(1), per_host(1), per_user(1), processes(1)}) {
    auto places = with(limits, {{1, "a", true, {7}}, {2, "a", true, {7}}});
    CHECK(take_all(places) == std::vector<Id>{1});
    places.remove(1);
    CHECK(take_all(places) == std::vector<Id>{2});
    CHECK_FALSE(places.why_waits(2));
  }
}

TEST_CASE("a host that is left alone holds back its own transfers until that ends") {
  auto places = with(k_no_limits, {{1, "down"}, {2, "down", true}, {3, "other"}, {4, ""}});
  CHECK(places.back_off("down"));
  CHECK_FALSE(places.back_off("down"));
  CHECK_FALSE(places.back_off(""));
  CHECK(take_all(places) == std::vector<Id>{3, 4});
  CHECK(places.why_waits(1) == held_by(WaitKind::host_backoff, "", 0, "down"));
  places.end_back_off("down");
  CHECK(take_all(places) == std::vector<Id>{1, 2});
}

TEST_CASE("a host is left alone for those as well that come later, and each time anew") {
  Places places(k_no_limits);
  CHECK(places.back_off("down"));
  places.add({1, "down"});
  CHECK_FALSE(places.take());
  places.remove(1);
  CHECK_FALSE(places.back_off("down"));
  places.end_back_off("down");
  places.end_back_off("never seen");
  CHECK(places.back_off("down"));
}

TEST_CASE("a changed priority counts at once for what is queued") {
  auto places = with(active(1), {{1, "a"}, {2, "a"}, {3, "b"}});
  places.change({3, "b", false, {0}, k_high});
  places.change({2, "a", false, {0}, k_low});
  places.change({2, "a", false, {0}, k_low});
  places.change({99, "a", false, {0}, k_high});
  CHECK(places.queued() == 3);
  std::vector<Id> order;
  while (const auto id = places.take()) {
    places.change({*id, "a", false, {0}, k_low});
    places.remove(*id);
    order.push_back(*id);
  }
  CHECK(order == std::vector<Id>{3, 1, 2});
}

TEST_CASE("who wants it may change while it is queued") {
  auto places = with(per_user(1), {{1, "a", false, {7}}, {2, "a", false, {7}}, {3, "a", false, {7, 8}}});
  CHECK(places.take() == 1);
  places.change({3, "a", false, {7}});
  CHECK_FALSE(places.take());
  CHECK(places.why_waits(3) == held_by(WaitKind::user_slot, "queue.active_per_user", 1));
  places.change({2, "a", false, {7, 8}});
  CHECK_FALSE(places.why_waits(2));
  CHECK(take_all(places) == std::vector<Id>{2});
}

TEST_CASE("the next free place goes to the user who has none, whatever another has queued") {
  constexpr Id k_jobs = 10'000;
  Places places(active(4));
  for (Id id = 1; id <= k_jobs; ++id) places.add({id, "host" + std::to_string(id), false, {7}});
  CHECK(take_all(places) == std::vector<Id>{1, 2, 3, 4});
  places.add({k_jobs + 1, "host1", false, {8}});
  CHECK_FALSE(places.take());
  places.remove(2);
  CHECK(take_all(places) == std::vector<Id>{k_jobs + 1});
  // He has one, the other three: the next is his again.
  places.add({k_jobs + 2, "host2", false, {8}});
  places.remove(1);
  CHECK(take_all(places) == std::vector<Id>{k_jobs + 2});
}

TEST_CASE("with one place users, and the hosts of one, take turns") {
  auto places = with(active(1), {{1, "a", false, {7}},
                                 {2, "a", false, {7}},
                                 {3, "b", false, {7}},
                                 {4, "a", false, {8}},
                                 {5, "a", false, {8}}});
  std::vector<Id> order;
  while (const auto id = places.take()) {
    order.push_back(*id);
    // Who comes anew does not go before those who have waited longer.
    if (*id == 1) places.add({6, "c", false, {9}});
    places.remove(*id);
  }
  CHECK(order == std::vector<Id>{1, 4, 6, 3, 5, 2});
}

TEST_CASE("changed limits count for what is taken from then on") {
  auto places = with(active(1), {{1, "a"}, {2, "a"}, {3, "a"}, {4, "a"}});
  CHECK(take_all(places) == std::vector<Id>{1});
  places.set_limits(active(3));
  CHECK(take_all(places) == std::vector<Id>{2, 3});
  places.set_limits(per_host(2));
  places.remove(1);
  CHECK_FALSE(places.take());
  CHECK(places.why_waits(4) == held_by(WaitKind::host_slot, "queue.active_per_host", 2, "a"));
  places.remove(2);
  CHECK(take_all(places) == std::vector<Id>{4});
}

TEST_CASE("removing what is queued or unknown frees no place that was not taken") {
  auto places = with({.active = 1, .active_per_host = 1, .active_per_user = 1, .processes = 1},
                     {{1, "a", true}, {2, "a", true}, {3, "a", true}});
  CHECK(places.take() == 1);
  places.remove(2);
  places.remove(2);
  places.remove(99);
  CHECK(places.running() == 1);
  CHECK(places.queued() == 1);
  CHECK_FALSE(places.take());
  CHECK_FALSE(places.why_waits(2));
  CHECK_FALSE(places.why_waits(99));
}

TEST_CASE("what is added again is there once, with its new host, and gives back the place it had") {
  auto places = with(per_host(1), {{1, "a"}});
  CHECK(places.take() == 1);
  places.add({1, "b"});
  CHECK(places.running() == 0);
  CHECK(places.queued() == 1);
  places.add({2, "a"});
  CHECK(take_all(places) == std::vector<Id>{1, 2});
}
