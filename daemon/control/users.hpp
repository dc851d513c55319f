#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include <sys/types.h>

#include "control/caller_limits.hpp"
#include "protocol/refusal.hpp"
#include "util/clock.hpp"
#include "util/thread_checker.hpp"
#include "util/token_bucket.hpp"

namespace concd::control {

/// What each user and all users together take of the daemon by their connections, and whether that is within
/// the limits. Main thread.
class Users {
 public:
  /// What is refused, and by which limit; nothing: it is granted.
  using Verdict = std::optional<protocol::LimitReached>;

  /// Borrows the clock.
  explicit Users(const Clock& clock) : m_clock(clock) {}
  void set_limits(const CallerLimits& limits) { m_limits = limits; }

  /// One connection more, for which disconnect() is called once if it is granted.
  [[nodiscard]] Verdict connect(uid_t uid);
  void disconnect(uid_t uid);
  /// A connection of the user takes so many bytes more or less than before. They count even where that is too
  /// much: it is for the caller to give them back then.
  [[nodiscard]] Verdict hold(uid_t uid, std::int64_t bytes);
  /// One Download: a token bucket.
  [[nodiscard]] Verdict submit(uid_t uid);

  [[nodiscard]] std::uint64_t memory() const { return m_memory; }  ///< bytes, of all

 private:
  struct Usage {
    std::size_t connections = 0;
    std::uint64_t memory = 0;  ///< bytes
    TokenBucket submissions;
  };
  [[nodiscard]] TokenRate submission_rate() const {
    return {m_limits.submission_burst, m_limits.submissions_per_user};
  }
  /// Forgets a user who has no connection, and whom a new one would be like.
  void forget_idle();
  [[nodiscard]] Verdict too_much_memory(const Usage& user) const;

  const Clock& m_clock;
  CallerLimits m_limits;
  std::map<uid_t, Usage> m_users;
  std::size_t m_connections = 0;
  std::uint64_t m_memory = 0;
  std::size_t m_holders = 0;  ///< users who hold memory
  [[no_unique_address]] ThreadChecker m_thread;
};

}  // namespace concd::control
