#include "library/remove_tree.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "util/file.hpp"
#include "util/scope_exit.hpp"

using namespace concd;
namespace fs = std::filesystem;

namespace {

/// So many levels of folders below `name`, each with a file in it.
void make_deep(const fs::path& folder, const char* name, int levels) {
  auto parent = open_file(folder, O_RDONLY | O_DIRECTORY);
  for (int i = 0; i < levels; ++i) {
    const auto* const here = i == 0 ? name : "d";
    REQUIRE(::mkdirat(parent.get(), here, 0700) == 0);
    parent.reset(::openat(parent.get(), here, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    REQUIRE(UniqueFd(::openat(parent.get(), "f", O_WRONLY | O_CREAT | O_CLOEXEC, 0600)));
  }
}

}  // namespace

TEST_CASE("a tree is removed, and what its links lead to is not") {
  const test::TemporaryFolder folder;
  folder.write("outside/kept", "kept");
  folder.write("tree/a/b/file", "");
  folder.write("tree/file", "");
  fs::create_directory_symlink(folder.path() / "outside", folder.path() / "tree/link");
  library::remove_tree(folder.path() / "tree");
  CHECK_FALSE(fs::exists(folder.path() / "tree"));
  CHECK(fs::exists(folder.path() / "outside/kept"));
  CHECK_NOTHROW(library::remove_tree(folder.path() / "tree"));
}

TEST_CASE("a tree is removed however deep it is, with few descriptors and little stack") {
  const test::TemporaryFolder folder;
  make_deep(folder.path(), "tree", 20'000);
  // What an earlier removal has left.
  folder.write("deep.1", "left");
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const ScopeExit reset([&] { ::setrlimit(RLIMIT_NOFILE, &before); });
  const rlimit few{64, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
  library::remove_tree(folder.path() / "tree");
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("a folder that lets nobody in is removed all the same") {
  const test::TemporaryFolder folder;
  folder.write("tree/closed/file", "");
  REQUIRE(::chmod((folder.path() / "tree/closed").c_str(), 0) == 0);
  library::remove_tree(folder.path() / "tree");
  CHECK_FALSE(fs::exists(folder.path() / "tree"));
}

TEST_CASE("a removal that is stopped leaves the rest") {
  const test::TemporaryFolder folder;
  folder.write("tree/file", "");
  const auto parent = open_file(folder.path(), O_RDONLY | O_DIRECTORY);
  const std::atomic<bool> stop{true};
  CHECK_FALSE(library::remove_tree(parent.get(), "tree", stop));
  CHECK(fs::exists(folder.path() / "tree/file"));
}
