#include "publish/tree.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "publish/tree_walk.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "util/file.hpp"
#include "util/inside_path.hpp"

using namespace concd;
namespace fs = std::filesystem;

namespace {

/// A tree as unpacking makes it: "sub/file" and "sub/program", and what the test adds.
struct Tree {
  Tree() {
    fs::create_directories(path() / "sub");
    set_mode("sub", 0755);
    write("sub/file", 0644);
    write("sub/program", 0755);
  }

  [[nodiscard]] fs::path path() const { return root.path() / "tree"; }
  void set_mode(const fs::path& name, mode_t mode) const {
    REQUIRE(::chmod((path() / name).c_str(), mode) == 0);
  }
  void write(const fs::path& name, mode_t mode) const {
    const auto fd = open_file(path() / name, O_WRONLY | O_CREAT | O_EXCL);
    REQUIRE(::fchmod(fd.get(), mode) == 0);
  }
  void link(const fs::path& name, const char* target) const { fs::create_symlink(target, path() / name); }

  /// Why it is refused; "" when it is not.
  [[nodiscard]] std::string refusal() const {
    const auto folder = open_file(path(), O_RDONLY | O_DIRECTORY);
    return publish::check_tree(folder.get(), path(), stop).value_or("");
  }

  test::TemporaryFolder root;
  std::atomic<bool> stop{false};
};

}  // namespace

TEST_CASE("files, folders and links that stay inside are accepted") {
  const Tree tree;
  tree.link("sub/up", "../sub/file");
  tree.link("nowhere", "missing");
  tree.link("folder", "sub");
  CHECK(tree.refusal().empty());
}

TEST_CASE("modes that give away more than reading are refused") {
  for (const mode_t mode : {04755U, 02755U, 01755U, 0664U, 0646U, 0666U, 0777U, 0600U, 0744U, 04644U}) {
    const Tree tree;
    tree.set_mode("sub/program", mode);
    CHECK_THAT(tree.refusal(), ContainsSubstring("sub/program"));
  }
  for (const mode_t mode : {02755U, 01755U, 0775U, 0757U, 0700U, 0644U, 0U}) {
    const Tree tree;
    tree.set_mode("sub", mode);
    CHECK_THAT(tree.refusal(), ContainsSubstring("mode"));
    tree.set_mode("sub", 0755);
  }
}

TEST_CASE("links that lead out are refused, and none is followed") {
  for (const auto* target : {"/etc/passwd", "../tree", "sub/../..", "sub/../sub/file"}) {
    const Tree tree;
    tree.link("link", target);
    CHECK(tree.refusal() == "a link leads out of the folder: link");
  }
  const Tree tree;
  tree.root.write("outside/secret", "x");
  tree.link("sub/link", "../../outside");
  CHECK(tree.refusal() == "a link leads out of the folder: sub/link");
}

TEST_CASE("anything but files, folders and links is refused, and not opened") {
  const Tree tree;
  REQUIRE(::mkfifo((tree.path() / "fifo").c_str(), 0644) == 0);
  CHECK(tree.refusal() == "neither file, folder nor link: fifo");
}

TEST_CASE("a file may have several names inside, and none outside") {
  const Tree tree;
  fs::create_hard_link(tree.path() / "sub/file", tree.path() / "second");
  CHECK(tree.refusal().empty());
  fs::create_hard_link(tree.path() / "sub/file", tree.root.path() / "outside");
  CHECK(tree.refusal() == "a file has another name outside of the folder");
}

TEST_CASE("what belongs to another user is refused") {
  if (::geteuid() != 0) return;
  const Tree tree;
  REQUIRE(::lchown((tree.path() / "sub/file").c_str(), 1, 0) == 0);
  CHECK(tree.refusal() == "another user's: sub/file");
}

TEST_CASE("a tree that is too deep is refused") {
  const Tree tree;
  fs::path name;
  for (std::size_t i = 0; i < k_max_tree_depth; ++i) {
    name /= "d";
    fs::create_directory(tree.path() / name);
    tree.set_mode(name, 0755);
  }
  CHECK(tree.refusal().empty());
  fs::create_directory(tree.path() / name / "d");
  tree.set_mode(name / "d", 0755);
  CHECK_THAT(tree.refusal(), ContainsSubstring("too deep"));
}

TEST_CASE("a name cannot steer the terminal that the refusal is shown on") {
  const Tree tree;
  tree.write("a\x1B[2J", 0666);
  CHECK(tree.refusal() == "the mode 0666: a\\x1B[2J");
}

TEST_CASE("a tree is synced up to the end, or says that it was stopped") {
  Tree tree;
  const auto folder = open_file(tree.path(), O_RDONLY | O_DIRECTORY);
  CHECK(publish::sync_tree(folder.get(), tree.path(), tree.stop));
  CHECK(publish::sync_tree(folder.get(), tree.path(), tree.stop));
  tree.stop = true;
  CHECK_FALSE(publish::sync_tree(folder.get(), tree.path(), tree.stop));
}

TEST_CASE("a walk visits each entry once and leaves a folder after what is in it") {
  const Tree tree;
  std::vector<std::string> visited;
  std::vector<std::string> left;
  const auto folder = open_file(tree.path(), O_RDONLY | O_DIRECTORY);
  struct stat root{};
  REQUIRE(::fstat(folder.get(), &root) == 0);
  const auto entry = [&](const publish::TreeEntry& found) {
    visited.push_back(found.path);
    return true;
  };
  const auto leave = [&](int inner) {
    struct stat status{};
    REQUIRE(::fstat(inner, &status) == 0);
    left.emplace_back(status.st_ino == root.st_ino ? "root" : "sub");
    return true;
  };
  CHECK(publish::walk_tree(folder.get(), tree.path(), {entry, leave}));
  std::sort(visited.begin(), visited.end());
  CHECK(visited == std::vector<std::string>{"sub", "sub/file", "sub/program"});
  CHECK(left == std::vector<std::string>{"sub", "root"});
}
