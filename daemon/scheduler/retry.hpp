#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>

#include "job/failure.hpp"
#include "job/wait_cause.hpp"
#include "util/clock.hpp"

namespace concd::scheduler {

/// When a failed transfer is tried again and when it is given up, concd.toml(5) [retry].
struct RetryPolicy {
  std::uint32_t tries = 10;  ///< failed attempts in a row without progress
  Microseconds first_delay = std::chrono::seconds(1);
  Microseconds max_delay = std::chrono::minutes(10);
  Microseconds first_contact_timeout = std::chrono::seconds(30);  ///< for origins that have never answered
  Microseconds no_progress_timeout = std::chrono::hours(14 * 24);

  bool operator==(const RetryPolicy&) const = default;
};

/// What is known of a transfer when one of its attempts has failed.
struct Situation {
  std::uint32_t tries = 0;    ///< failed attempts in a row without progress, this one not counted
  std::uint32_t waits = 0;    ///< attempts in a row that ended in a wait, this one not counted
  std::uint32_t mirror = 0;   ///< index of the URL that failed
  std::uint32_t mirrors = 1;  ///< how many there are
  bool holds_part = false;    ///< of the file, which only that URL can continue
  bool contacted = false;     ///< an origin has answered at least once
  bool online = true;         ///< the machine has a route to somewhere
  Microseconds tried_for{};   ///< in attempts and the waits after them; not queued, paused or in own trouble
  Microseconds since_progress{};  ///< since a byte last arrived, or since the first try
};

/// The failure is final.
struct GiveUp {
  std::string suffix{};  ///< which limit of the policy is reached, to be told after the failure's message;
                         ///< may be empty

  bool operator==(const GiveUp&) const = default;
};

/// Try again later.
struct TryLater {
  job::WaitKind cause = job::WaitKind::retry;
  Microseconds delay{};      ///< from now
  std::uint32_t mirror = 0;  ///< the URL of the next attempt
  bool uses_try = false;     ///< the failed attempt counts as a try

  bool operator==(const TryLater&) const = default;
};

/// Try another URL at once.
struct NextMirror {
  std::uint32_t mirror = 0;

  bool operator==(const NextMirror&) const = default;
};

using Decision = std::variant<GiveUp, TryLater, NextMirror>;

/// A number from 0 to 1, evenly spread.
using Random = std::function<double()>;

/// Whether a failure says nothing of any origin: the machine is offline or lacks something, a file could not
/// be written, a worker died.
[[nodiscard]] bool is_own_trouble(const job::Failure& failure, bool online);

/// Exponential backoff with full jitter: evenly between 0 and first_delay·2^n, at most max_delay.
[[nodiscard]] Microseconds backoff(const RetryPolicy& policy, std::uint32_t n, const Random& random);

/// How long a host is left alone that nobody could connect to: a second, or first_delay where that is
/// shorter.
[[nodiscard]] Microseconds host_backoff_delay(const RetryPolicy& policy);

/// What to do about a failed attempt.
[[nodiscard]] Decision decide(const RetryPolicy& policy, const Situation& situation,
                              const job::Failure& failure, const Random& random);

}  // namespace concd::scheduler
