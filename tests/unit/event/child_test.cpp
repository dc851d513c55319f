#include "event/child.hpp"

#include <csignal>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/catch.hpp"

using namespace concd::event;

namespace {

pid_t spawn(const char* script) {
  sigset_t child_signal;
  sigemptyset(&child_signal);
  sigaddset(&child_signal, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child_signal, nullptr);
  const char* arguments[] = {"sh", "-c", script, nullptr};
  pid_t pid = 0;
  REQUIRE(posix_spawn(&pid, "/bin/sh", nullptr, nullptr, const_cast<char**>(arguments), environ) == 0);
  return pid;
}

}  // namespace

TEST_CASE("a child's exit code arrives") {
  Loop loop;
  ChildExit seen;
  Child child(loop, spawn("exit 7"), [&](ChildExit how) {
    seen = how;
    loop.exit(0);
  });
  loop.run();
  CHECK(seen.exited);
  CHECK(seen.status == 7);
}

TEST_CASE("a killed child tells its signal") {
  Loop loop;
  ChildExit seen;
  Child child(loop, spawn("exec sleep 1000"), [&](ChildExit how) {
    seen = how;
    loop.exit(0);
  });
  child.kill(SIGTERM);
  loop.run();
  CHECK_FALSE(seen.exited);
  CHECK(seen.status == SIGTERM);
}

TEST_CASE("a child that is no longer wanted is killed and reaped") {
  Loop loop;
  const auto pid = spawn("exec sleep 1000");
  {
    Child child(loop, pid, [](ChildExit) {});
  }
  CHECK(waitpid(pid, nullptr, WNOHANG) == -1);
  CHECK(errno == ECHILD);
}
