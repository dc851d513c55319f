#include "lifecycle/pid_file.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "util/file.hpp"

using namespace concd;
using lifecycle::AlreadyRunning;
using lifecycle::PidFile;

namespace {

std::filesystem::path fresh_path() {
  const auto path = std::filesystem::temp_directory_path() / ("concd-pid-" + std::to_string(::getpid()));
  std::filesystem::remove(path);
  return path;
}

}  // namespace

TEST_CASE("a second instance is refused with the pid of the first") {
  const auto path = fresh_path();
  PidFile first(path);
  first.write();
  CHECK_THROWS_WITH(PidFile(path), ContainsSubstring("with pid " + std::to_string(::getpid())));
  CHECK_THROWS_AS(PidFile(path), AlreadyRunning);
  std::filesystem::remove(path);
}

TEST_CASE("the lock passes to a forked child and ends with it") {
  const auto path = fresh_path();
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  pid_t child = 0;
  {
    PidFile first(path);
    child = ::fork();
    if (child == 0) {
      char byte = 0;
      ::close(ends[1]);
      _exit(::read(ends[0], &byte, 1) == 0 ? 0 : 1);
    }
    // The parent's own descriptor closes here; the child's still holds the lock.
  }
  CHECK_THROWS_AS(PidFile(path), AlreadyRunning);
  ::close(ends[1]);
  ::close(ends[0]);
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  CHECK_NOTHROW(PidFile(path));
  std::filesystem::remove(path);
}
