#include "control/peer_credentials.hpp"

#include <algorithm>
#include <cerrno>
#include <vector>

#include <sys/socket.h>

#include "util/errno_error.hpp"

namespace concd::control {
namespace {

/// The supplementary groups that the peer had when it connected. None where the kernel does not tell them.
std::vector<gid_t> groups_of(int socket) {
  std::vector<gid_t> groups(32);
  while (true) {
    auto size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    const int result = ::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size);
    if (result < 0 && errno != ERANGE) return {};
    groups.resize(size / sizeof(gid_t));
    if (result == 0) return groups;
  }
}

bool is_member(int socket, gid_t primary, gid_t group) {
  return primary == group || std::ranges::count(groups_of(socket), group) > 0;
}

}  // namespace

job::Peer peer_of(int socket, std::optional<gid_t> admins) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  check_errno(::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size), "SO_PEERCRED");
  return {credentials.uid, credentials.gid, credentials.pid,
          admins && is_member(socket, credentials.gid, *admins),
          std::make_shared<ProcessOrigin>(credentials.pid)};
}

}  // namespace concd::control
