#pragma once

#include <optional>

#include "job/peer.hpp"

namespace concd::control {

/// Who is at the other end of the connection, SO_PEERCRED and SO_PEERGROUPS of unix(7). Members of `admins`
/// are admins. Throws std::system_error.
[[nodiscard]] job::Peer peer_of(int socket, std::optional<gid_t> admins);

}  // namespace concd::control
