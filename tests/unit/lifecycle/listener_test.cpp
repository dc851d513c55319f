#include "lifecycle/listener.hpp"

#include <atomic>
#include <system_error>
#include <thread>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lifecycle/already_running.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace concd;
using lifecycle::listen_at;
namespace fs = std::filesystem;

namespace {

struct stat status_of(const fs::path& path) {
  struct stat status{};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status;
}

}  // namespace

TEST_CASE("the socket is open to its owner and its group, whatever the umask") {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "concd.sock";
  for (const mode_t mask : {0, 022, 077, 0777}) {
    const auto before = ::umask(mask);
    const auto listener = listen_at(path, ::getuid(), ::getgid());
    CHECK(::umask(before) == mask);
    CHECK(status_of(path).st_mode == (S_IFSOCK | 0660));
  }
}

TEST_CASE("what a killed daemon left behind is replaced") {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "concd.sock";
  (void)listen_at(path, ::getuid(), ::getgid());
  REQUIRE(fs::is_socket(path));
  CHECK_NOTHROW(listen_at(path, ::getuid(), ::getgid()));
}

TEST_CASE("a socket on which somebody listens is left alone") {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "con cd.sock";
  const auto first = listen_at(path, ::getuid(), ::getgid());
  const auto inode = status_of(path).st_ino;
  CHECK_THROWS_AS(listen_at(path, ::getuid(), ::getgid()), lifecycle::AlreadyRunning);
  CHECK(status_of(path).st_ino == inode);
}

TEST_CASE("root gives the socket to the user and the group") {
  if (::getuid() != 0) return;
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "concd.sock";
  const auto listener = listen_at(path, 12345, 23456);
  CHECK(status_of(path).st_uid == 12345);
  CHECK(status_of(path).st_gid == 23456);
}

TEST_CASE("a link that takes the socket's place gives nothing else away") {
  const test::TemporaryFolder folder;
  const auto victim = folder.write("victim", "of somebody else");
  const auto before = status_of(victim);
  const auto path = folder.path() / "concd.sock";
  const auto link = folder.path() / "link";

  std::atomic<bool> stop = false;
  std::thread swapping([&] {
    std::error_code ignored;
    while (!stop) {
      fs::create_symlink(victim, link, ignored);
      if (fs::is_socket(fs::symlink_status(path, ignored))) fs::rename(link, path, ignored);
    }
  });
  const auto owner = ::getuid() == 0 ? 12345 : ::getuid();
  for (int i = 0; i < 2000; ++i) {
    try {
      (void)listen_at(path, owner, ::getgid());
    } catch (const std::system_error&) {
      // It was met by a link, and refused.
    }
  }
  stop = true;
  swapping.join();
  CHECK(status_of(victim).st_mode == before.st_mode);
  CHECK(status_of(victim).st_uid == before.st_uid);
}
