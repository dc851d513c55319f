#include "worker/process/no_network.hpp"

#include <array>
#include <cerrno>
#include <memory>

#include <seccomp.h>

#include "util/errno_error.hpp"

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

struct ReleaseFilter {
  void operator()(void* filter) const noexcept { seccomp_release(filter); }
};

/// libseccomp returns a negated errno.
void check_filter(int result, const char* context) {
  if (result < 0) throw errno_error(context, -result);
}

}  // namespace

void refuse_network() {
  // A call of another architecture's table kills the process: libseccomp's default.
  const std::unique_ptr<void, ReleaseFilter> filter(seccomp_init(SCMP_ACT_ALLOW));
  if (!filter) throw errno_error("make a system call filter", ENOMEM);
  check_filter(seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1), "filter the calls of all threads");
  for (const int call : k_refused)
    check_filter(seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 0), "filter a system call");
  check_filter(seccomp_load(filter.get()), "filter system calls");
}

}  // namespace concd::worker
