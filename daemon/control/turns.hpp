#pragma once

#include <deque>
#include <functional>
#include <unordered_map>

#include <sys/types.h>

#include "event/mailbox.hpp"

namespace concd::control {

/// Hands out turns, one at a time: to the users round robin, and among the connections of a user in the order
/// in which they asked, so that a user with many connections does not delay one with few. Between two turns
/// the loop attends to all else. Main thread.
class Turns {
 public:
  using Turn = std::function<void()>;

  explicit Turns(event::Loop& loop) : m_mailbox(loop) {}
  /// Calls `turn` once, later.
  void ask(uid_t uid, Turn turn);

 private:
  void next();

  event::Mailbox m_mailbox;                               ///< holds one letter as long as somebody waits
  std::deque<uid_t> m_users;                              ///< who wait, in the order of their turns
  std::unordered_map<uid_t, std::deque<Turn>> m_waiting;  ///< of each of them, at least one
};

}  // namespace concd::control
