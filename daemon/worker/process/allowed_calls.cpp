#include "worker/process/allowed_calls.hpp"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace concd::worker {
namespace {

constexpr std::array k_common{
    // memory
    SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(membarrier),
    // this process, its threads and signals
    SCMP_SYS(futex), SCMP_SYS(rseq), SCMP_SYS(set_robust_list), SCMP_SYS(get_robust_list),
    SCMP_SYS(set_tid_address), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigpending), SCMP_SYS(rt_sigtimedwait), SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall),
    SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(getcpu), SCMP_SYS(exit),
    SCMP_SYS(exit_group), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getppid), SCMP_SYS(getuid),
    SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(getresuid), SCMP_SYS(getresgid),
    SCMP_SYS(getrusage), SCMP_SYS(getrlimit), SCMP_SYS(times), SCMP_SYS(uname), SCMP_SYS(sysinfo),
    SCMP_SYS(getrandom),
    // time
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime),
    SCMP_SYS(timerfd_gettime),
    // waiting
    SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_pwait2), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6),
    SCMP_SYS(eventfd2), SCMP_SYS(signalfd4), SCMP_SYS(pipe), SCMP_SYS(pipe2),
    // descriptors
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(pread64), SCMP_SYS(pwrite64),
    SCMP_SYS(preadv), SCMP_SYS(pwritev), SCMP_SYS(preadv2), SCMP_SYS(pwritev2), SCMP_SYS(lseek),
    SCMP_SYS(close), SCMP_SYS(close_range), SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(fsync),
    SCMP_SYS(fdatasync), SCMP_SYS(sync_file_range), SCMP_SYS(ftruncate), SCMP_SYS(fallocate),
    SCMP_SYS(fadvise64), SCMP_SYS(copy_file_range), SCMP_SYS(sendfile),
    // looking at files; what may be opened is another matter
    SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(statfs),
    SCMP_SYS(fstatfs), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),
    SCMP_SYS(readlinkat), SCMP_SYS(getcwd), SCMP_SYS(getdents64), SCMP_SYS(umask)};

/// The same under the names that 32-bit machines have for them; libseccomp passes over what there is not.
constexpr std::array k_common_of_32_bits{SCMP_SYS(futex_time64),
                                         SCMP_SYS(rt_sigtimedwait_time64),
                                         SCMP_SYS(sigreturn),
                                         SCMP_SYS(sigprocmask),
                                         SCMP_SYS(getuid32),
                                         SCMP_SYS(geteuid32),
                                         SCMP_SYS(getgid32),
                                         SCMP_SYS(getegid32),
                                         SCMP_SYS(getresuid32),
                                         SCMP_SYS(getresgid32),
                                         SCMP_SYS(ugetrlimit),
                                         SCMP_SYS(clock_gettime64),
                                         SCMP_SYS(clock_getres_time64),
                                         SCMP_SYS(clock_nanosleep_time64),
                                         SCMP_SYS(timerfd_settime64),
                                         SCMP_SYS(timerfd_gettime64),
                                         SCMP_SYS(ppoll_time64),
                                         SCMP_SYS(_newselect),
                                         SCMP_SYS(pselect6_time64),
                                         SCMP_SYS(_llseek),
                                         SCMP_SYS(sync_file_range2),
                                         SCMP_SYS(ftruncate64),
                                         SCMP_SYS(fadvise64_64),
                                         SCMP_SYS(arm_fadvise64_64),
                                         SCMP_SYS(sendfile64),
                                         SCMP_SYS(stat64),
                                         SCMP_SYS(lstat64),
                                         SCMP_SYS(fstat64),
                                         SCMP_SYS(fstatat64),
                                         SCMP_SYS(statfs64),
                                         SCMP_SYS(fstatfs64)};

constexpr std::array k_open_sockets{SCMP_SYS(getsockopt), SCMP_SYS(recvfrom), SCMP_SYS(recvmsg),
                                    SCMP_SYS(shutdown)};

constexpr std::array k_network{SCMP_SYS(sendto),         SCMP_SYS(connect),     SCMP_SYS(bind),
                               SCMP_SYS(getsockname),    SCMP_SYS(getpeername), SCMP_SYS(setsockopt),
                               SCMP_SYS(sendmsg),        SCMP_SYS(sendmmsg),    SCMP_SYS(recvmmsg),
                               SCMP_SYS(recvmmsg_time64)};

/// fchmodat2(2), which has this number everywhere; libseccomp 2.5.4 does not know it.
constexpr int k_fchmodat2 = 452;

/// Modes, times and lengths by descriptor only: Landlock does not ask who changes those of a path.
constexpr std::array k_making{SCMP_SYS(open),    SCMP_SYS(openat),   SCMP_SYS(creat),     SCMP_SYS(mkdir),
                              SCMP_SYS(mkdirat), SCMP_SYS(symlink),  SCMP_SYS(symlinkat), SCMP_SYS(link),
                              SCMP_SYS(linkat),  SCMP_SYS(unlink),   SCMP_SYS(unlinkat),  SCMP_SYS(rmdir),
                              SCMP_SYS(rename),  SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(fchmod),
                              SCMP_SYS(chdir),   SCMP_SYS(fchdir)};

constexpr std::uint64_t k_writing_flags = O_ACCMODE | O_CREAT | O_TRUNC;

/// No memory that is written first and run then.
void allow_mapping(CallFilter& filter) {
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mmap2)}) {
    filter.allow_if(call, {bits_are(2, PROT_EXEC, 0)});
    filter.allow_if(call, {bits_are(2, PROT_EXEC | PROT_WRITE, PROT_EXEC)});
  }
  filter.allow_if(SCMP_SYS(mprotect), {bits_are(2, PROT_EXEC, 0)});
}

/// Nothing that sends signals to others: F_SETOWN, F_SETSIG, O_ASYNC, leases and notifications.
void allow_descriptor_flags(CallFilter& filter) {
  for (const int call : {SCMP_SYS(fcntl), SCMP_SYS(fcntl64)}) {
    for (const int command : {F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL})
      filter.allow_if(call, {is(1, static_cast<std::uint64_t>(command))});
    filter.allow_if(call, {is(1, F_SETFL), bits_are(2, O_ASYNC, 0)});
  }
}

/// Signals to this process only: abort(3), raise(3).
void allow_own_signals(CallFilter& filter) {
  const auto self = static_cast<std::uint64_t>(::getpid());
  filter.allow_if(SCMP_SYS(tgkill), {is(0, self)});
  filter.allow_if(SCMP_SYS(kill), {is(0, self)});
}

void allow_reading(CallFilter& filter) {
  filter.allow_if(SCMP_SYS(open), {bits_are(1, k_writing_flags, O_RDONLY)});
  filter.allow_if(SCMP_SYS(openat), {bits_are(2, k_writing_flags, O_RDONLY)});
}

/// What libraries ask for and do without.
void allow_inquiries(CallFilter& filter) {
  filter.allow_if(SCMP_SYS(prlimit64), {is(0, 0), is(2, 0)});
  filter.allow_if(SCMP_SYS(prctl), {is(0, PR_SET_NAME)});
  filter.allow_if(SCMP_SYS(prctl), {is(0, PR_GET_NAME)});
  filter.allow_if(SCMP_SYS(ioctl), {is(1, FIONREAD)});
  filter.allow_if(SCMP_SYS(ioctl), {is(1, FIONBIO)});
  filter.allow_if(SCMP_SYS(ioctl), {is(1, TCGETS)});
}

}  // namespace

void allow_common_calls(CallFilter& filter) {
  filter.allow(k_common);
  filter.allow(k_common_of_32_bits);
  allow_mapping(filter);
  allow_descriptor_flags(filter);
  allow_own_signals(filter);
  allow_reading(filter);
  allow_inquiries(filter);
}

/// clone3(2) has its flags in memory, where no filter sees them; without it glibc takes clone(2).
void allow_threads(CallFilter& filter) {
  filter.refuse(SCMP_SYS(clone3), ENOSYS);
  filter.allow_if(SCMP_SYS(clone), {bits_are(0, CLONE_THREAD, CLONE_THREAD)});
}

void allow_opening_below(CallFilter& filter) {
  filter.allow_if(SCMP_SYS(openat2), {});
}

void allow_open_sockets(CallFilter& filter) {
  filter.allow(k_open_sockets);
  // A datagram socket could send to any path, descriptors too.
  constexpr std::uint64_t k_type = 0xf;
  filter.allow_if(SCMP_SYS(socketpair), {bits_are(1, k_type, SOCK_STREAM)});
  filter.allow_if(SCMP_SYS(sendto), {is(4, 0)});
}

void allow_network_calls(CallFilter& filter) {
  filter.allow(k_network);
  // The scope of an IPv6 address, as in fe80::1%eth0.
  filter.allow_if(SCMP_SYS(ioctl), {is(1, SIOCGIFINDEX)});
  filter.allow_if(SCMP_SYS(ioctl), {is(1, SIOCGIFNAME)});
  filter.allow_if(SCMP_SYS(socket), {is(0, AF_INET)});
  filter.allow_if(SCMP_SYS(socket), {is(0, AF_INET6)});
  filter.allow_if(SCMP_SYS(socket), {is(0, AF_NETLINK), is(2, NETLINK_ROUTE)});
  // Services that resolve names on this machine are asked first, and done without: the daemon's own socket is
  // of this kind.
  filter.refuse(SCMP_SYS(socket), EAFNOSUPPORT, {is(0, AF_UNIX)});
}

void allow_making_calls(CallFilter& filter) {
  filter.allow(k_making);
  for (const int call : {SCMP_SYS(utimensat), SCMP_SYS(utimensat_time64)}) filter.allow_if(call, {is(1, 0)});
  // glibc asks for it first where it is to leave a symbolic link alone.
  filter.refuse(k_fchmodat2, ENOSYS);
}

}  // namespace concd::worker
