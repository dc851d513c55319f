#pragma once

namespace concd::worker {

/// Refuses this process, its threads and what it may start all that makes a socket, uses one by name, or
/// gets one from elsewhere (io_uring, pidfd_getfd, ptrace): EPERM, for ever. What is open already can still
/// be read and written, read(2), write(2). seccomp(2). Throws std::system_error where that cannot be had.
void refuse_network();

}  // namespace concd::worker
