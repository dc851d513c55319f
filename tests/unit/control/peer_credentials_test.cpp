#include "control/peer_credentials.hpp"

#include <array>
#include <cerrno>
#include <vector>

#include <grp.h>
#include <seccomp.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "util/errno_error.hpp"

using namespace concd;
using namespace concd::control;

namespace {

constexpr gid_t k_first = 50'000, k_absent = 60'000;
constexpr uid_t k_user = 4711;

/// Kernels before 4.13 have no SO_PEERGROUPS: the same from here on, in this process.
void take_peer_groups_away() {
  auto* const filter = seccomp_init(SCMP_ACT_ALLOW);
  seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOPROTOOPT), SCMP_SYS(getsockopt), 1,
                   SCMP_A2(SCMP_CMP_EQ, SO_PEERGROUPS, 0));
  seccomp_load(filter);
  seccomp_release(filter);
}

/// Whether `check` holds in a child of so many groups, from k_first on, that is the peer of a socket of its
/// own.
template <typename Check>
bool holds(std::size_t count, Check check) {
  const auto child = ::fork();
  if (child == 0) {
    std::vector<gid_t> groups;
    for (std::size_t i = 0; i < count; ++i) groups.push_back(k_first + static_cast<gid_t>(i));
    std::array<int, 2> ends{};
    const bool ready = ::setgroups(groups.size(), groups.data()) == 0 &&
                       ::setresgid(k_user, k_user, k_user) == 0 && ::setresuid(k_user, k_user, 0) == 0 &&
                       ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0 && ::setresuid(0, 0, 0) == 0;
    ::_exit(ready && check(ends[0]) ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool is_admin(int socket, gid_t admins) {
  return peer_of(socket, {std::nullopt, admins}).manages_all();
}

bool is_member(int socket, gid_t members) {
  return peer_of(socket, {members, std::nullopt}).is_member;
}

}  // namespace

TEST_CASE("each of a caller's groups counts, however many there are") {
  if (::geteuid() != 0) return;
  for (const std::size_t count : {1U, 32U, 33U, 1000U, 65536U}) {
    const auto last = k_first + static_cast<gid_t>(count) - 1;
    CHECK(holds(count, [&](int socket) { return is_admin(socket, last) && is_member(socket, last); }));
    CHECK(holds(count,
                [&](int socket) { return !is_admin(socket, last + 1) && !is_member(socket, last + 1); }));
  }
  CHECK(holds(0, [](int socket) { return is_admin(socket, k_user) && !is_admin(socket, k_absent); }));
}

TEST_CASE("where the kernel does not tell the groups only the first one counts") {
  if (::geteuid() != 0) return;
  CHECK(holds(3, [](int socket) {
    take_peer_groups_away();
    return !is_admin(socket, k_first) && !is_member(socket, k_first) && is_admin(socket, k_user) &&
           is_member(socket, k_user);
  }));
}

TEST_CASE("without a group of members whoever can connect is one, and without one of admins nobody") {
  if (::geteuid() != 0) return;
  CHECK(holds(1, [](int socket) {
    const auto peer = peer_of(socket, {});
    return peer.is_member && !peer.manages_all();
  }));
}
