#include "scheduler/retry.hpp"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "util/units.hpp"

namespace concd::scheduler {
namespace {

/// Attempts in a row without progress before a part of the file is given up for another mirror.
constexpr std::uint32_t k_max_tries_with_part = 3;

Decision give_up(std::string reason) {
  return {Decision::Kind::fail, {}, 0, false, std::move(reason)};
}

/// Why policy has run out; empty when it has not.
std::string out_of_time(const RetryPolicy& policy, const History& history, const job::Failure& failure) {
  const bool blames_origin = !is_own_trouble(failure, history.online);
  if (!history.contacted && blames_origin && history.tried_for >= policy.first_contact_timeout)
    return fmt::format("given up: no origin answered within {}",
                       format_duration(policy.first_contact_timeout));
  if (history.since_progress >= policy.no_progress_timeout)
    return fmt::format("given up: no progress for {}", format_duration(policy.no_progress_timeout));
  return "";
}

/// Another mirror may be well where this one is not. But what is here of the file would be lost there: it is
/// worth some policy, and while the machine is offline no mirror is better.
std::size_t mirror_after(const History& history) {
  if (history.holds_part && (!history.online || history.waits < k_max_tries_with_part)) return history.mirror;
  return (history.mirror + 1) % history.mirrors;
}

Decision wait_and_retry(const RetryPolicy& policy, const History& history, const job::Failure& failure,
                        const Random& random) {
  if (history.tries + 1 >= policy.tries)
    return give_up(fmt::format("given up after {} tries without progress", history.tries + 1));
  Decision decision{Decision::Kind::wait, backoff(policy, history.tries, random), 0, true, failure.message};
  if (failure.retry_after) {
    if (*failure.retry_after > policy.no_progress_timeout)
      return give_up(
          fmt::format("given up: the server asks to come back in {}", format_duration(*failure.retry_after)));
    decision.delay = std::max(decision.delay, *failure.retry_after);
  }
  decision.mirror = mirror_after(history);
  return decision;
}

Decision decide_wait(const RetryPolicy& policy, const History& history, const job::Failure& failure,
                     const Random& random) {
  if (failure.retry_class == job::RetryClass::disk_space)
    return {Decision::Kind::wait, k_space_delay, history.mirror, false, failure.message};
  const auto delay = std::max(policy.first_delay / 4, backoff(policy, history.waits, random));
  if (failure.retry_class == job::RetryClass::local_resource)
    return {Decision::Kind::wait, delay, history.mirror, false, failure.message};
  if (failure.retry_class == job::RetryClass::offline)
    return {Decision::Kind::wait, delay, mirror_after(history), false, failure.message};
  return wait_and_retry(policy, history, failure, random);
}

}  // namespace

bool is_own_trouble(const job::Failure& failure, bool online) {
  return failure.kind == job::FailureKind::other || failure.kind == job::FailureKind::file ||
         failure.retry_class == job::RetryClass::disk_space ||
         failure.retry_class == job::RetryClass::local_resource ||
         (failure.retry_class == job::RetryClass::offline && !online);
}

Microseconds backoff(const RetryPolicy& policy, std::uint32_t n, const Random& random) {
  const auto doubled = policy.first_delay.count() * (1LL << std::min(n, 20U));
  const auto most = std::min<std::int64_t>(doubled, policy.max_delay.count());
  return Microseconds(static_cast<std::int64_t>(static_cast<double>(most) * random()));
}

Decision decide(const RetryPolicy& policy, const History& history, const job::Failure& failure,
                const Random& random) {
  if (failure.retry_class == job::RetryClass::none) return give_up("");
  if (failure.retry_class == job::RetryClass::mirror) {
    if (history.mirror + 1 < history.mirrors)
      return {Decision::Kind::next_mirror, {}, history.mirror + 1, false, failure.message};
    // One of those before may have failed for a reason that passes.
    if (history.mirrors == 1 || history.tries == 0) return give_up("");
  }
  if (auto reason = out_of_time(policy, history, failure); !reason.empty()) return give_up(std::move(reason));
  auto decision = decide_wait(policy, history, failure, random);
  // The last try before an origin that never answered is given up comes when the time is up, not long after.
  if (!history.contacted && !failure.retry_after && !is_own_trouble(failure, history.online))
    decision.delay = std::min(decision.delay,
                              std::max(policy.first_contact_timeout - history.tried_for, policy.first_delay));
  return decision;
}

}  // namespace concd::scheduler
