#include "worker/process/no_network.hpp"

#include <array>
#include <cerrno>

#include "worker/process/call_filter.hpp"

namespace concd::worker {
namespace {

constexpr std::array k_refused{
    // Sockets: made, named, used.
    SCMP_SYS(socket),
    SCMP_SYS(socketpair),
    SCMP_SYS(connect),
    SCMP_SYS(bind),
    SCMP_SYS(listen),
    SCMP_SYS(accept),
    SCMP_SYS(accept4),
    SCMP_SYS(sendto),
    SCMP_SYS(sendmsg),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(recvmsg),
    SCMP_SYS(recvmmsg),
    // The same without a call for each, io_uring(7).
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
    // By the hand of another process of this user.
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
};

}  // namespace

void refuse_network() {
  CallFilter filter(SCMP_ACT_ALLOW);
  for (const int call : k_refused) filter.refuse(call, EPERM);
  filter.enforce();
}

}  // namespace concd::worker
