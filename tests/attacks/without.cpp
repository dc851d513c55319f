// Runs a program on a kernel that has not the system calls that are named: without CALL... -- PROGRAM
// ARGUMENT...

#include <cerrno>
#include <cstdio>
#include <string_view>

#include <sys/prctl.h>
#include <unistd.h>

#include "worker/process/call_filter.hpp"

int main(int, char** argument) {
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  concd::worker::CallFilter filter(SCMP_ACT_ALLOW);
  while (*++argument != nullptr && std::string_view(*argument) != "--")
    filter.refuse(seccomp_syscall_resolve_name(*argument), ENOSYS);
  filter.enforce();
  ::execv(argument[1], argument + 1);
  std::perror(argument[1]);
  return 1;
}
