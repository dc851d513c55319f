#include "lifecycle/descriptors.hpp"

#include <csignal>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace concd::lifecycle {

void start_clean(int passed) {
  ::close_range(static_cast<unsigned>(STDERR_FILENO + 1 + passed), ~0U, 0);
  // A missing standard descriptor would be reused by the first file that is opened.
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
    if (::fcntl(fd, F_GETFD) < 0) ::open("/dev/null", O_RDWR);
  for (int signal = 1; signal < SIGRTMAX; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::umask(077);
}

}  // namespace concd::lifecycle
