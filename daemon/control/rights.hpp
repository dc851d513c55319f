#pragma once

#include <cstddef>
#include <map>

#include <sys/types.h>

#include "control/authority.hpp"
#include "util/thread_checker.hpp"
#include "util/unique_fd.hpp"

namespace concd::control {

/// Questions of one user that are open at once; more are answered at once, by no.
inline constexpr std::size_t k_open_questions = 16;

/// What the authority grants, where the groups do not: a bounded number of questions of each user at a time,
/// and a grant only to the process that was asked about. Main thread.
class Rights {
 public:
  /// Null, as it is at first: nobody is granted anything. Outlives the Rights.
  void set_authority(Authority* authority) { m_authority = authority; }
  /// `process`: the peer's, a pidfd; without one nothing is granted.
  void ask(Action action, const job::Peer& peer, UniqueFd process, Authority::Answered answered);

 private:
  void close(uid_t uid);

  Authority* m_authority = nullptr;
  std::map<uid_t, std::size_t> m_open;  ///< questions
  [[no_unique_address]] ThreadChecker m_thread;
};

}  // namespace concd::control
