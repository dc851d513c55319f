#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "job/failure.hpp"
#include "util/clock.hpp"

namespace concd::scheduler {

/// The limits of policy, concd.toml(5) [retry].
struct RetryPolicy {
  std::uint32_t tries = 10;
  Microseconds first_delay = std::chrono::seconds(1);
  Microseconds max_delay = std::chrono::minutes(10);
  Microseconds first_contact_timeout = std::chrono::seconds(30);
  Microseconds no_progress_timeout = std::chrono::hours(14 * 24);
};

/// What is known of a transfer when one of its attempts has failed.
struct History {
  std::uint32_t tries = 0;   ///< failed attempts in a row without progress, this one not counted
  std::uint32_t waits = 0;   ///< attempts in a row that ended in a wait, this one not counted
  std::size_t mirror = 0;    ///< index of the URL that failed
  std::size_t mirrors = 1;   ///< how many there are
  bool holds_part = false;   ///< of the file, which only that URL can continue
  bool contacted = false;    ///< an origin has answered at least once
  bool online = true;        ///< the machine has a route to somewhere
  Microseconds tried_for{};  ///< in attempts and the waits after them; not queued, paused or in own trouble
  Microseconds since_progress{};  ///< since a byte last arrived, or since the first try
};

struct Decision {
  enum class Kind {
    fail,         ///< the failure is final
    wait,         ///< try again after `delay`
    next_mirror,  ///< try the URL `mirror` at once
  };
  Kind kind = Kind::fail;
  Microseconds delay{};
  std::size_t mirror = 0;  ///< the URL of the next attempt
  bool uses_try = false;   ///< the attempt counts as a try
  std::string reason;      ///< why the job waits, or why it is given up; one sentence
};

/// A number from 0 to 1, evenly spread.
using Random = std::function<double()>;

/// How long a host is left alone that nobody could connect to, unless retry.first_delay is shorter.
inline constexpr Microseconds k_host_rest = std::chrono::seconds(1);

/// How often a parked job looks whether the disk has room again.
inline constexpr Microseconds k_space_delay = std::chrono::seconds(5);

/// Whether a failure says nothing of any origin: the machine is offline or lacks something, a file could not
/// be written, a worker died.
[[nodiscard]] bool is_own_trouble(const job::Failure& failure, bool online);

/// Exponential backoff with full jitter: evenly between 0 and first_delay·2^n, at most max_delay.
[[nodiscard]] Microseconds backoff(const RetryPolicy& policy, std::uint32_t n, const Random& random);

/// What to do about a failed attempt.
[[nodiscard]] Decision decide(const RetryPolicy& policy, const History& history, const job::Failure& failure,
                              const Random& random);

}  // namespace concd::scheduler
