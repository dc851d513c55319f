#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>

#include <fcntl.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "util/errno_error.hpp"
#include "util/unique_fd.hpp"
#include "worker/process/worker_session.hpp"
#include "worker/spawn.hpp"

using namespace concd;

namespace {

/// The process that made the socket pair, unix(7).
pid_t daemon_pid() {
  ucred peer{};
  socklen_t size = sizeof peer;
  check_errno(::getsockopt(worker::k_worker_socket, SOL_SOCKET, SO_PEERCRED, &peer, &size), "SO_PEERCRED");
  return peer.pid;
}

/// What posix_spawn(3) cannot do for us: no privilege by exec, prctl(2), and no life without the daemon, not
/// even for a moment: the next daemon will use the same files.
void harden() {
  check_errno(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "PR_SET_NO_NEW_PRIVS");
  // Nobody but root looks into what it was told and fetches.
  check_errno(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "PR_SET_DUMPABLE");
  check_errno(::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0), "PR_SET_PDEATHSIG");
  if (::getppid() != daemon_pid()) throw std::runtime_error("the daemon is gone");
  ::umask(0022);
  // Each arena of malloc reserves 64 MiB of the address space that RLIMIT_AS counts, mallopt(3).
  ::mallopt(M_ARENA_MAX, 2);
}

/// Before the first thread, which inherits the mask: signals are read in the loop or not at all.
void block_signals() {
  sigset_t all;
  ::sigfillset(&all);
  check_errno(::sigprocmask(SIG_BLOCK, &all, nullptr), "sigprocmask");
}

}  // namespace

int main() {
  try {
    if (::fcntl(worker::k_worker_socket, F_SETFD, FD_CLOEXEC) < 0) {
      std::fputs("concd-worker: started by concd, not by hand\n", stderr);
      return EX_USAGE;
    }
    harden();
    block_signals();
    return worker::WorkerSession(UniqueFd(worker::k_worker_socket)).run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "concd-worker: %s\n", error.what());
    return EX_SOFTWARE;
  }
}
