#include "lifecycle/pid_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
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

TEST_CASE("a file with a second name is neither taken nor given away") {
  const auto path = fresh_path();
  const auto other = path.string() + ".other";
  ::close(::open(other.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600));
  std::filesystem::create_hard_link(other, path);
  CHECK_THROWS_WITH(PidFile(path, lifecycle::User{"other", 12345, 12345}),
                    ContainsSubstring("is not a regular file with one name"));
  struct stat status{};
  REQUIRE(::stat(other.c_str(), &status) == 0);
  CHECK(status.st_uid == ::getuid());
  std::filesystem::remove(path);
  std::filesystem::remove(other);
}
