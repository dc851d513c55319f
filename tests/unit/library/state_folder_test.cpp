#include "library/state_folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace concd;
using library::StateFolder;

TEST_CASE("the library has a name as a file or as a folder") {
  const test::TemporaryFolder root;
  const StateFolder folder(root.path());
  folder.prepare();
  std::filesystem::create_directory(folder.library("unpacked"));
  root.write("library/plain", "x");
  const auto has = [&](const std::string& name, std::uint64_t size, bool as_folder) {
    return folder.has({name, "", {}, size, "", {}}, as_folder);
  };
  CHECK(has("plain", 1, false));
  CHECK_FALSE(has("plain", 2, false));
  CHECK_FALSE(has("plain", 1, true));
  CHECK(has("unpacked", 5, true));
  CHECK_FALSE(has("unpacked", 5, false));
  CHECK_FALSE(has("nothing", 0, false));
  CHECK_FALSE(has(std::string(300, 'x'), 0, false));
}

TEST_CASE("what lies in a transfer's folders and is none of theirs is removed") {
  const test::TemporaryFolder root;
  const StateFolder folder(root.path());
  folder.prepare();
  root.write("results/7", "x");
  root.write("results/strange", "x");
  CHECK(folder.transfers_with_result() == std::vector<job::Id>{7});
  CHECK_FALSE(std::filesystem::exists(root.path() / "results/strange"));
  folder.remove_result(7);
  CHECK_FALSE(std::filesystem::exists(folder.result(7)));
}

namespace {

/// A state folder that is ready.
struct Prepared {
  Prepared() { folder.prepare(); }

  [[nodiscard]] bool has(const std::filesystem::path& name) const {
    return std::filesystem::exists(std::filesystem::symlink_status(root.path() / name));
  }

  test::TemporaryFolder root;
  StateFolder folder{root.path()};
};

std::string text_of(const UniqueFd& fd) {
  char buffer[64] = {};
  const auto count = ::pread(fd.get(), buffer, sizeof buffer, 0);
  return {buffer, static_cast<std::size_t>(count < 0 ? 0 : count)};
}

}  // namespace

TEST_CASE("a partial file is new, empty, private and writable") {
  const Prepared state;
  const auto fd = state.folder.create_partial(17, 2);
  struct stat status{};
  REQUIRE(::fstat(fd.get(), &status) == 0);
  CHECK(S_ISREG(status.st_mode));
  CHECK((status.st_mode & 07777) == 0600);
  CHECK(status.st_size == 0);
  CHECK(::pwrite(fd.get(), "x", 1, 0) == 1);
  CHECK(text_of(fd) == "x");
  CHECK(state.folder.partial(17, 2) == state.root.path() / "partial/17.2.part");
  CHECK(state.has("partial/17.2.part"));
}

TEST_CASE("a new partial file never gets an inode that somebody may still write to") {
  const Prepared state;
  const auto old = state.folder.create_partial(17, 2);
  const auto fd = state.folder.create_partial(17, 2);
  CHECK(::pwrite(old.get(), "old", 3, 0) == 3);
  CHECK(text_of(fd).empty());
  CHECK(text_of(state.folder.open_partial(17, 2)).empty());
}

TEST_CASE("a partial file takes the place of a folder that an interrupted publication left there") {
  const Prepared state;
  state.root.write("partial/17.1.part/inner/file", "old");
  const auto fd = state.folder.create_partial(17, 1);
  CHECK(std::filesystem::is_regular_file(state.folder.partial(17, 1)));
}

TEST_CASE("a partial file is found again, and only a file is one") {
  const Prepared state;
  CHECK_FALSE(state.folder.open_partial(17, 1));
  state.root.write("partial/17.1.part", "kept");
  std::filesystem::permissions(state.folder.partial(17, 1), std::filesystem::perms::owner_all);
  const auto fd = state.folder.open_partial(17, 1);
  CHECK(text_of(fd) == "kept");
  CHECK(::pwrite(fd.get(), "K", 1, 0) == 1);
  std::filesystem::create_directory(state.folder.partial(17, 2));
  std::filesystem::create_symlink("17.1.part", state.folder.partial(17, 3));
  CHECK_FALSE(state.folder.open_partial(17, 2));
  CHECK_FALSE(state.folder.open_partial(17, 3));
}

TEST_CASE("removing a partial file leaves the transfer's others") {
  const Prepared state;
  state.root.write("partial/17.1.part", "old");
  state.root.write("partial/17.2.part", "new");
  state.folder.remove_partial(17, 1);
  state.folder.remove_partial(17, 1);
  CHECK_FALSE(state.has("partial/17.1.part"));
  CHECK(state.has("partial/17.2.part"));
}

TEST_CASE("only the partial files that checkpoints name survive the start") {
  const Prepared state;
  for (const auto* name : {"17.1.part", "17.2.part", "18.1.part", "strange", "17.2.part.old"})
    state.root.write(std::filesystem::path("partial") / name, "x");
  state.root.write("partial/17.2.part.unpack/inner/file", "x");
  state.root.write("partial/19.1.part/file", "what a folder was when it was replaced");
  state.folder.remove_stray_partials({{17, 2}, {19, 1}, {20, 1}});
  CHECK(state.has("partial/17.2.part"));
  CHECK(std::distance(std::filesystem::directory_iterator(state.folder.partials()), {}) == 1);
}

TEST_CASE("a partial file that is published as well is not continued") {
  const Prepared state;
  state.root.write("partial/17.1.part", "x");
  std::filesystem::create_hard_link(state.folder.partial(17, 1), state.folder.result(17));
  state.folder.remove_stray_partials({{17, 1}});
  CHECK_FALSE(state.has("partial/17.1.part"));
  CHECK(state.has("results/17"));
}

TEST_CASE("an archive is unpacked beside it") {
  CHECK(library::unpack_folder("/s/partial/17.2.part") == "/s/partial/17.2.part.unpack");
}
