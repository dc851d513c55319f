#pragma once

#include <optional>

#include "job/peer.hpp"
#include "util/unique_fd.hpp"

namespace concd::control {

/// Which groups say who may what.
struct RightsGroups {
  std::optional<gid_t> members;  ///< who may submit; nothing: whoever can connect
  std::optional<gid_t> admins;   ///< who manage the jobs of all; nothing: nobody
};

/// Who is at the other end of the connection, SO_PEERCRED and SO_PEERGROUPS of unix(7): where the kernel does
/// not tell the latter, only the first group of a caller counts. Throws std::system_error.
[[nodiscard]] job::Peer peer_of(int socket, const RightsGroups& groups);

/// Its process, a pidfd: the one that connected, SO_PEERPIDFD, or on a kernel before 6.5 the one that has its
/// number now. Empty where it has ended.
[[nodiscard]] UniqueFd process_of(int socket, pid_t pid);

}  // namespace concd::control
