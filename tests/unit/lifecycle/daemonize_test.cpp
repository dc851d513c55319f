#include "lifecycle/daemonize.hpp"

#include <array>
#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/catch.hpp"

using namespace concd;

namespace {

struct Start {
  int status = -1;
  std::string message;
};

/// Runs `daemon` behind a double fork and tells how the first process ended and what it printed.
Start start(void (*daemon)(lifecycle::Handover)) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const auto first = ::fork();
  if (first == 0) {
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
    daemon(lifecycle::daemonize(
        [](pid_t pid) { ::dprintf(STDERR_FILENO, "handed over to %d", pid > 1 ? 1 : 0); }));
    _exit(0);
  }
  ::close(ends[1]);
  Start result;
  std::array<char, 512> buffer{};
  for (ssize_t count = 0; (count = ::read(ends[0], buffer.data(), buffer.size())) > 0;)
    result.message.append(buffer.data(), static_cast<std::size_t>(count));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(first, &status, 0);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

}  // namespace

TEST_CASE("the first process exits 0 once the daemon is ready and it has handed over") {
  const auto result = start([](lifecycle::Handover handover) { handover.ready(); });
  CHECK(result.status == 0);
  CHECK(result.message == "handed over to 1");
}

TEST_CASE("the first process has the daemon's true status and message") {
  const auto result = start([](lifecycle::Handover handover) { handover.failed(78, "the file is bad"); });
  CHECK(result.status == 78);
  CHECK(result.message == "concd: the file is bad\n");
}

TEST_CASE("a daemon that dies without a word is not taken for a started one") {
  const auto result = start([](lifecycle::Handover) { _exit(0); });
  CHECK(result.status == 1);
  CHECK_THAT(result.message, ContainsSubstring("before it was ready"));
}

TEST_CASE("the daemon leads no session, has no terminal and stands in /") {
  const auto result = start([](lifecycle::Handover handover) {
    std::array<char, 16> folder{};
    const bool leads = ::getsid(0) == ::getpid();
    const bool in_root =
        ::getcwd(folder.data(), folder.size()) != nullptr && std::string(folder.data()) == "/";
    const bool terminal = ::open("/dev/tty", 0) >= 0;
    handover.failed(!leads && in_root && !terminal ? 42 : 1, "");
  });
  CHECK(result.status == 42);
}
