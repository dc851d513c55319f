#pragma once

#include <functional>

#include <sys/wait.h>
#include <unistd.h>

namespace concd::worker {

/// What `work` returns in a child of its own, as its exit code; -1 when it was killed.
inline int exit_code_of(const std::function<int()>& work) {
  const auto child = ::fork();
  if (child == 0) {
    try {
      ::_exit(work());
    } catch (...) {
      ::_exit(99);
    }
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

}  // namespace concd::worker
