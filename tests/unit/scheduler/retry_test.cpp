#include "scheduler/retry.hpp"

#include <vector>

#include "scheduler/space.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::scheduler;
using namespace std::chrono_literals;
using job::Failure;
using job::FailureKind;
using job::RetryClass;
using job::WaitKind;

namespace {

using WaitKind::disk_space;
using WaitKind::local_resource;
using WaitKind::offline;

constexpr auto k_two_weeks = 14 * 24h;
const Random k_longest = [] { return 1.0; };
const RetryPolicy k_policy{.tries = 10,
                           .first_delay = 1s,
                           .max_delay = 10min,
                           .first_contact_timeout = 30s,
                           .no_progress_timeout = k_two_weeks};

Failure failed(RetryClass retry_class, std::optional<Microseconds> retry_after = {}) {
  return {FailureKind::network, retry_class, "connection lost", 0, retry_after};
}

Failure failed(FailureKind kind, RetryClass retry_class) {
  return {kind, retry_class, "worker process 7 was killed"};
}

Decision give_up(const char* suffix = "") {
  return GiveUp{suffix};
}

/// Costs no try.
Decision wait(WaitKind cause, Microseconds delay, std::uint32_t mirror = 0) {
  return TryLater{cause, delay, mirror, false};
}

Decision try_again(Microseconds delay, std::uint32_t mirror = 0) {
  return TryLater{WaitKind::retry, delay, mirror, true};
}

Decision next_mirror(std::uint32_t mirror) {
  return NextMirror{mirror};
}

const char* const k_no_answer = "given up: no origin answered within 30s";
const char* const k_no_progress = "given up: no progress for 14d 0h";
const char* const k_no_tries = "given up after 10 tries without progress";

struct Row {
  const char* what;
  Failure failure;
  Situation situation;
  Decision decision;  ///< with delays as long as chance makes them
};

const auto k_none = failed(RetryClass::none);
const auto k_retry = failed(RetryClass::retry);
const auto k_host = failed(RetryClass::host_backoff);
const auto k_offline = failed(RetryClass::offline);
const auto k_disk = failed(RetryClass::disk_space);
const auto k_local = failed(RetryClass::local_resource);
const auto k_mirror = failed(RetryClass::mirror);

/// The retry and wait policy, a row a rule.
const std::vector<Row> k_rows{
    // What each class leads to at first.
    {"a final failure is final at once", k_none, {}, give_up()},
    {"a passing failure uses up a try", k_retry, {}, try_again(1s)},
    {"a host that nobody can connect to as well", k_host, {}, try_again(1s)},
    {"a missing network does not", k_offline, {}, wait(offline, 1s)},
    {"nor does a full disk, which is looked at again soon", k_disk, {}, wait(disk_space, k_space_poll)},
    {"nor does what the machine lacks", k_local, {}, wait(local_resource, 1s)},

    // Tries and delays.
    {"tries make the delay of a retry longer",
     k_retry,
     {.tries = 5, .waits = 1, .contacted = true},
     try_again(32s)},
    {"waits make the others' longer", k_local, {.tries = 1, .waits = 5}, wait(local_resource, 32s)},
    {"offline as well", k_offline, {.waits = 5, .contacted = true}, wait(offline, 32s)},
    {"but not a full disk's", k_disk, {.tries = 9, .waits = 9}, wait(disk_space, k_space_poll)},
    {"no delay is longer than max_delay", k_offline, {.waits = 99, .contacted = true}, wait(offline, 10min)},
    {"the last try but one", k_retry, {.tries = 8, .contacted = true}, try_again(256s)},
    {"tries run out", k_retry, {.tries = 9, .contacted = true}, give_up(k_no_tries)},
    {"for a host as well", k_host, {.tries = 9, .contacted = true}, give_up(k_no_tries)},
    {"a missing network needs none", k_offline, {.tries = 999, .contacted = true}, wait(offline, 1s)},
    {"a full disk needs none", k_disk, {.tries = 999, .contacted = true}, wait(disk_space, k_space_poll)},
    {"this machine needs none", k_local, {.tries = 999, .contacted = true}, wait(local_resource, 1s)},

    // An origin that never answered.
    {"it is given up early", k_retry, {.tried_for = 30s}, give_up(k_no_answer)},
    {"a name that cannot be resolved too", k_offline, {.tried_for = 30s}, give_up(k_no_answer)},
    {"not while the machine is offline", k_offline, {.online = false, .tried_for = 30s}, wait(offline, 1s)},
    {"not once it has answered", k_offline, {.contacted = true, .tried_for = 30s}, wait(offline, 1s)},
    {"the last try comes when the time is up",
     k_retry,
     {.tries = 6, .waits = 6, .tried_for = 25s},
     try_again(5s)},
    {"offline as well", k_offline, {.tries = 6, .waits = 6, .tried_for = 25s}, wait(offline, 5s)},
    {"but not at once", k_retry, {.tries = 6, .waits = 6, .tried_for = 29900ms}, try_again(1s)},
    {"what it asks for is kept",
     failed(RetryClass::retry, 2min),
     {.tries = 6, .tried_for = 25s},
     try_again(2min)},
    {"a full disk says nothing of it", k_disk, {.tried_for = 1h}, wait(disk_space, k_space_poll)},
    {"what the machine lacks neither", k_local, {.waits = 3, .tried_for = 1h}, wait(local_resource, 8s)},
    {"a dead worker neither",
     failed(FailureKind::other, RetryClass::retry),
     {.tried_for = 30s},
     try_again(1s)},
    {"a file neither", failed(FailureKind::file, RetryClass::retry), {.tried_for = 30s}, try_again(1s)},

    // No progress.
    {"even a retry ends",
     k_retry,
     {.contacted = true, .since_progress = k_two_weeks},
     give_up(k_no_progress)},
    {"offline too",
     k_offline,
     {.contacted = true, .online = false, .since_progress = k_two_weeks},
     give_up(k_no_progress)},
    {"a full disk too", k_disk, {.since_progress = k_two_weeks}, give_up(k_no_progress)},
    {"this machine too", k_local, {.since_progress = k_two_weeks}, give_up(k_no_progress)},

    // Retry-After.
    {"the server is asked when it wants",
     failed(RetryClass::retry, 2min),
     {.contacted = true},
     try_again(2min)},
    {"not sooner than the backoff says", failed(RetryClass::retry, 0s), {.contacted = true}, try_again(1s)},
    {"not for ever",
     failed(RetryClass::retry, 15 * 24h),
     {.contacted = true},
     give_up("given up: the server asks to come back in 15d 0h")},

    // Mirrors.
    {"a wrong mirror hands on to the next", k_mirror, {.mirrors = 2}, next_mirror(1)},
    {"though no time is left", k_mirror, {.mirrors = 2, .tried_for = 30s}, next_mirror(1)},
    {"the last one fails", k_mirror, {.mirror = 1, .mirrors = 2}, give_up()},
    {"the only one fails, whatever was tried", k_mirror, {.tries = 1}, give_up()},
    {"unless another one failed for a reason that passes",
     k_mirror,
     {.tries = 1, .mirror = 1, .mirrors = 2, .contacted = true},
     try_again(2s, 0)},
    {"a retry goes round the mirrors", k_retry, {.mirror = 0, .mirrors = 3}, try_again(1s, 1)},
    {"and begins again", k_retry, {.mirror = 2, .mirrors = 3}, try_again(1s, 0)},
    {"a host too", k_host, {.mirror = 1, .mirrors = 2}, try_again(1s, 0)},
    {"offline too", k_offline, {.mirror = 1, .mirrors = 2}, wait(offline, 1s, 0)},
    {"a full disk stays", k_disk, {.mirror = 1, .mirrors = 2}, wait(disk_space, k_space_poll, 1)},
    {"this machine stays", k_local, {.mirror = 1, .mirrors = 2}, wait(local_resource, 1s, 1)},

    // A part of the file that only its mirror can continue.
    {"is kept for some attempts", k_retry, {.waits = 2, .mirrors = 2, .holds_part = true}, try_again(1s, 0)},
    {"and then left", k_retry, {.waits = 3, .mirrors = 2, .holds_part = true}, try_again(1s, 1)},
    {"a host: kept", k_host, {.waits = 2, .mirrors = 2, .holds_part = true}, try_again(1s, 0)},
    {"a host: left", k_host, {.waits = 3, .mirrors = 2, .holds_part = true}, try_again(1s, 1)},
    {"no route: kept", k_offline, {.waits = 2, .mirrors = 2, .holds_part = true}, wait(offline, 4s, 0)},
    {"no route: left", k_offline, {.waits = 3, .mirrors = 2, .holds_part = true}, wait(offline, 8s, 1)},
    {"no network: kept for ever",
     k_offline,
     {.waits = 3, .mirrors = 2, .holds_part = true, .online = false},
     wait(offline, 8s, 0)},
};

}  // namespace

TEST_CASE("the retry and wait policy, row by row") {
  for (const auto& [what, failure, situation, decision] : k_rows) {
    INFO(what << ", after a failure of the class " << job::to_string(failure.retry_class));
    CHECK(decide(k_policy, situation, failure, k_longest) == decision);
  }
}

TEST_CASE("a wait by chance is short, but never nothing where no try is used up") {
  const Random shortest = [] { return 0.0; };
  CHECK(decide(k_policy, {}, k_retry, shortest) == try_again(0s));
  CHECK(decide(k_policy, {}, k_offline, shortest) == wait(offline, 250ms));
  CHECK(decide(k_policy, {}, k_local, shortest) == wait(local_resource, 250ms));
  CHECK(decide(k_policy, {}, k_disk, shortest) == wait(disk_space, k_space_poll));
}

TEST_CASE("delays double from the first to the longest, with full jitter") {
  CHECK(backoff(k_policy, 0, k_longest) == 1s);
  CHECK(backoff(k_policy, 1, k_longest) == 2s);
  CHECK(backoff(k_policy, 5, k_longest) == 32s);
  CHECK(backoff(k_policy, 9, k_longest) == 512s);
  CHECK(backoff(k_policy, 10, k_longest) == 10min);
  CHECK(backoff(k_policy, 4000000000, k_longest) == 10min);
  CHECK(backoff(k_policy, 5, [] { return 0.0; }) == 0s);
  CHECK(backoff(k_policy, 5, [] { return 0.5; }) == 16s);
}

TEST_CASE("a host is left alone for a second, or for the first delay where that is shorter") {
  CHECK(host_backoff_delay({.first_delay = 50ms}) == 50ms);
  CHECK(host_backoff_delay({.first_delay = 1min}) == 1s);
}

TEST_CASE("what failed on this machine alone says nothing of an origin's silence") {
  CHECK(is_own_trouble(failed(FailureKind::other, RetryClass::retry), true));
  CHECK(is_own_trouble(failed(FailureKind::file, RetryClass::retry), true));
  CHECK(is_own_trouble(k_disk, true));
  CHECK(is_own_trouble(k_local, true));
  CHECK(is_own_trouble(k_offline, false));
  CHECK_FALSE(is_own_trouble(k_offline, true));
  CHECK_FALSE(is_own_trouble(k_retry, false));
  CHECK_FALSE(is_own_trouble(k_host, true));
}
