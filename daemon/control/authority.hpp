#pragma once

#include <cstdint>
#include <functional>

#include "job/peer.hpp"

namespace concd::control {

/// What a caller may be granted beyond the rights of his groups, each an action of polkit(8).
enum class Action : std::uint8_t {
  download,       ///< submits jobs although he is no member of the group of the socket
  manage_others,  ///< changes the jobs of all users, and opens their results
  see_others,     ///< sees whose the jobs of others are, and what they fetch from where
};

/// Who grants it: polkit, or in a test whoever is put into its place.
class Authority {
 public:
  /// Called once, on the main thread, at once or later. Whatever goes wrong is no grant.
  using Answered = std::function<void(bool granted)>;

  virtual ~Authority() = default;
  /// Whether the process of the peer may. Main thread.
  virtual void ask(Action action, const job::Peer& peer, Answered answered) = 0;
};

}  // namespace concd::control
