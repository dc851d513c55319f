#include "control/peer_credentials.hpp"

#include <algorithm>
#include <cerrno>
#include <vector>

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/errno_error.hpp"

namespace concd::control {
namespace {

/// SO_PEERPIDFD, which the C library of Debian 12 does not know.
constexpr int k_so_peerpidfd = 77;

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

/// Looks the groups up where there is a need to.
class Membership {
 public:
  Membership(int socket, gid_t primary) : m_socket(socket), m_primary(primary) {}

  bool operator()(gid_t group) {
    if (group == m_primary) return true;
    if (!m_groups) m_groups = groups_of(m_socket);
    return std::ranges::count(*m_groups, group) > 0;
  }

 private:
  int m_socket;
  gid_t m_primary;
  std::optional<std::vector<gid_t>> m_groups;
};

}  // namespace

job::Peer peer_of(int socket, const RightsGroups& groups) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  check_errno(::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size), "SO_PEERCRED");
  Membership is_in(socket, credentials.gid);
  job::Peer peer{credentials.uid, credentials.gid, credentials.pid, job::Reach::unasked,
                 std::make_shared<ProcessOrigin>(credentials.pid)};
  if (groups.admins && is_in(*groups.admins)) peer.reach = job::Reach::manages_all;
  peer.is_member = peer.manages_all() || !groups.members || is_in(*groups.members);
  return peer;
}

UniqueFd process_of(int socket, pid_t pid) {
  int process = -1;
  socklen_t size = sizeof process;
  const int result = ::getsockopt(socket, SOL_SOCKET, k_so_peerpidfd, &process, &size);
  if (result < 0 && errno == ENOPROTOOPT) process = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  return UniqueFd(process);
}

}  // namespace concd::control
