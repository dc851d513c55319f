#include "scheduler/retry.hpp"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "scheduler/space.hpp"
#include "util/units.hpp"

namespace concd::scheduler {
namespace {

using job::RetryClass;
using job::WaitKind;

/// Attempts in a row without progress before a part of the file is given up for another mirror.
constexpr std::uint32_t k_max_tries_with_part = 3;
constexpr Microseconds k_max_host_backoff = std::chrono::seconds(1);

/// Which timeout has run out; empty when none has.
std::string run_out(const RetryPolicy& policy, const Situation& situation, const job::Failure& failure) {
  const bool blames_origin = !is_own_trouble(failure, situation.online);
  if (!situation.contacted && blames_origin && situation.tried_for >= policy.first_contact_timeout)
    return fmt::format("given up: no origin answered within {}",
                       format_duration(policy.first_contact_timeout));
  if (situation.since_progress >= policy.no_progress_timeout)
    return fmt::format("given up: no progress for {}", format_duration(policy.no_progress_timeout));
  return "";
}

/// Another mirror may be well where this one is not. But what is here of the file would be lost there: it is
/// worth some more tries, and while the machine is offline no mirror is better.
std::uint32_t mirror_after(const Situation& situation) {
  if (situation.holds_part && (!situation.online || situation.waits < k_max_tries_with_part))
    return situation.mirror;
  return (situation.mirror + 1) % situation.mirrors;
}

Decision decide_try(const RetryPolicy& policy, const Situation& situation, const job::Failure& failure,
                    const Random& random) {
  if (situation.tries + 1 >= policy.tries)
    return GiveUp{fmt::format("given up after {} tries without progress", situation.tries + 1)};
  const auto asked_for = failure.retry_after.value_or(Microseconds{});
  if (asked_for > policy.no_progress_timeout)
    return GiveUp{fmt::format("given up: the server asks to come back in {}", format_duration(asked_for))};
  const auto delay = std::max(backoff(policy, situation.tries, random), asked_for);
  return TryLater{WaitKind::retry, delay, mirror_after(situation), true};
}

Decision decide_wait(const RetryPolicy& policy, const Situation& situation, const job::Failure& failure,
                     const Random& random) {
  const auto delay = std::max(policy.first_delay / 4, backoff(policy, situation.waits, random));
  switch (failure.retry_class) {
    case RetryClass::disk_space:
      return TryLater{WaitKind::disk_space, k_space_poll, situation.mirror, false};
    case RetryClass::local_resource:
      return TryLater{WaitKind::local_resource, delay, situation.mirror, false};
    case RetryClass::offline:
      return TryLater{WaitKind::offline, delay, mirror_after(situation), false};
    default:
      return decide_try(policy, situation, failure, random);
  }
}

}  // namespace

bool is_own_trouble(const job::Failure& failure, bool online) {
  return failure.kind == job::FailureKind::other || failure.kind == job::FailureKind::file ||
         failure.retry_class == RetryClass::disk_space || failure.retry_class == RetryClass::local_resource ||
         (failure.retry_class == RetryClass::offline && !online);
}

Microseconds backoff(const RetryPolicy& policy, std::uint32_t n, const Random& random) {
  const auto doubled = policy.first_delay.count() * (1LL << std::min(n, 20U));
  const auto most = std::min<std::int64_t>(doubled, policy.max_delay.count());
  return Microseconds(static_cast<std::int64_t>(static_cast<double>(most) * random()));
}

Microseconds host_backoff_delay(const RetryPolicy& policy) {
  return std::min(policy.first_delay, k_max_host_backoff);
}

Decision decide(const RetryPolicy& policy, const Situation& situation, const job::Failure& failure,
                const Random& random) {
  if (failure.retry_class == RetryClass::none) return GiveUp{};
  if (failure.retry_class == RetryClass::mirror) {
    if (situation.mirror + 1 < situation.mirrors) return NextMirror{situation.mirror + 1};
    // One of those before may have failed for a reason that passes.
    if (situation.mirrors == 1 || situation.tries == 0) return GiveUp{};
  }
  if (auto why = run_out(policy, situation, failure); !why.empty()) return GiveUp{std::move(why)};
  auto decision = decide_wait(policy, situation, failure, random);
  // The last try before an origin that never answered is given up comes when the time is up, not long after.
  auto* const later = std::get_if<TryLater>(&decision);
  if (later != nullptr && !situation.contacted && !failure.retry_after &&
      !is_own_trouble(failure, situation.online))
    later->delay = std::min(later->delay,
                            std::max(policy.first_contact_timeout - situation.tried_for, policy.first_delay));
  return decision;
}

}  // namespace concd::scheduler
