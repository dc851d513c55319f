#include "util/thread_checker.hpp"

#include <csignal>
#include <type_traits>

#include <sys/wait.h>
#include <unistd.h>

#include "support/catch.hpp"

using concd::ThreadChecker;

namespace {

/// The signal that a process dies of when it checks on this thread; 0: it does not die.
int signal_of_check(const ThreadChecker& checker) {
  const auto child = ::fork();
  if (child == 0) {
    // The signal is not for the test program, nor the message for its reader.
    std::signal(SIGABRT, SIG_DFL);
    ::close(STDERR_FILENO);
    checker.check();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

int on_another_thread(const ThreadChecker& checker) {
  int signal = 0;
  std::thread([&] { signal = signal_of_check(checker); }).join();
  return signal;
}

}  // namespace

TEST_CASE("the thread that comes first may come again, another one aborts in test builds") {
  const ThreadChecker checker;
  checker.check();
  CHECK(signal_of_check(checker) == 0);
  CHECK(on_another_thread(checker) == (concd::k_thread_checks ? SIGABRT : 0));
}

TEST_CASE("an object may be made by a thread that is not the one that uses it") {
  const ThreadChecker checker;
  CHECK(on_another_thread(checker) == 0);
}

TEST_CASE("a build without thread checks pays nothing for them") {
  CHECK(std::is_empty_v<ThreadChecker> != concd::k_thread_checks);
}
