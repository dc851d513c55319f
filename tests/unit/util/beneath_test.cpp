#include "util/beneath.hpp"

#include <cerrno>
#include <filesystem>
#include <functional>
#include <system_error>

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "util/file.hpp"

using namespace concd;
namespace fs = std::filesystem;

namespace {

/// A folder "root" with files, and what leads out of it.
struct Bench {
  Bench() {
    folder.write("outside/secret", "secret");
    folder.write("root/plain", "plain");
    folder.write("root/inner/deep", "deep");
    fs::create_symlink("plain", folder.path() / "root/link");
    fs::create_symlink("../outside/secret", folder.path() / "root/out");
    fs::create_directory_symlink("../outside", folder.path() / "root/away");
    fs::create_directory_symlink("inner", folder.path() / "root/within");
    root = open_file(folder.path() / "root", O_RDONLY | O_DIRECTORY);
  }

  test::TemporaryFolder folder;
  UniqueFd root;
};

using Open = UniqueFd (*)(int folder, const std::string& path, int flags, unsigned mode,
                          const std::string& context);

/// Whether the kernel says that there is no such call, as an old one does, in a child that ends with `check`.
bool without_openat2(int error, const std::function<bool()>& check) {
  const pid_t child = ::fork();
  if (child == 0) {
    sock_filter rules[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
                           BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
                           BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(error)),
                           BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    const sock_fprog program{4, rules};
    const bool set = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                     ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
    ::_exit(set && check() ? 0 : 1);
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace

TEST_CASE("a path leads to what is below the folder, and nowhere else") {
  const Bench bench;
  const auto open = GENERATE(Open{open_beneath}, Open{open_step_by_step});
  const auto text = [&](const char* path) {
    return read_text(open(bench.root.get(), path, O_RDONLY, 0, "it").get(), path);
  };
  CHECK(text("plain") == "plain");
  CHECK(text("inner/deep") == "deep");
  const auto secret = (bench.folder.path() / "outside/secret").string();
  for (const std::string path : {"link", "out", "away/secret", "within/deep", "../outside/secret", "..",
                                 "inner/../../outside/secret", "", "/etc/passwd", "nothing"})
    CHECK_THROWS_AS(open(bench.root.get(), path, O_RDONLY, 0, "it"), std::system_error);
  CHECK_THROWS_AS(open(bench.root.get(), secret, O_RDONLY, 0, "it"), std::system_error);
}

TEST_CASE("a file is made below the folder") {
  const Bench bench;
  const auto open = GENERATE(Open{open_beneath}, Open{open_step_by_step});
  const auto fd = open(bench.root.get(), "inner/new", O_RDWR | O_CREAT | O_EXCL, 0600, "it");
  CHECK(fs::exists(bench.folder.path() / "root/inner/new"));
  CHECK(::fcntl(fd.get(), F_GETFD) == FD_CLOEXEC);
  CHECK_THROWS_AS(open(bench.root.get(), "inner/new", O_RDWR | O_CREAT | O_EXCL, 0600, "it"),
                  std::system_error);
}

TEST_CASE("a kernel or a filter without openat2 is no reason to follow a link") {
  const Bench bench;
  const int error = GENERATE(ENOSYS, EPERM);
  const auto opens = [&](const char* path) {
    try {
      return static_cast<bool>(open_beneath(bench.root.get(), path, O_RDONLY, 0, "it"));
    } catch (const std::system_error&) {
      return false;
    }
  };
  CHECK(
      without_openat2(error, [&] { return opens("inner/deep") && !opens("away/secret") && !opens("out"); }));
}
