#include "library/state_folder.hpp"

#include <array>
#include <fstream>
#include <functional>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace concd;
using library::Presence;
using library::StateFolder;

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

job::FileStamp stamp_at(const std::filesystem::path& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 ? job::stamp_of(status) : job::FileStamp{};
}

}  // namespace

TEST_CASE("the library has a name as a file or as a folder") {
  const test::TemporaryFolder root;
  const StateFolder folder(root.path());
  folder.prepare();
  std::filesystem::create_directory(folder.library("unpacked"));
  root.write("library/plain", "x");
  const auto has = [&](const std::string& name, std::uint64_t size, bool as_folder) {
    return folder.look({name, "", {}, size, "", {}, stamp_at(folder.library(name))}, as_folder) ==
           Presence::same;
  };
  CHECK(has("plain", 1, false));
  CHECK_FALSE(has("plain", 2, false));
  CHECK_FALSE(has("plain", 1, true));
  CHECK(has("unpacked", 5, true));
  CHECK_FALSE(has("unpacked", 5, false));
  CHECK_FALSE(has("nothing", 0, false));
  CHECK_FALSE(has(std::string(300, 'x'), 0, false));
  std::filesystem::create_symlink("plain", folder.library("link"));
  CHECK_FALSE(has("link", 1, false));
}

TEST_CASE("whoever touches what was published is noticed") {
  const Prepared state;
  const auto file = state.root.write("library/f", "whole");
  const job::Artifact artifact{"f", "", {}, 5, "", {}, stamp_at(file)};
  CHECK(state.folder.look(artifact, false) == Presence::same);
  SECTION("by writing to it and setting its time back") {
    struct stat before{};
    REQUIRE(::stat(file.c_str(), &before) == 0);
    const auto times = std::array{before.st_atim, before.st_mtim};
    // The clock that files are stamped by goes in ticks.
    while (stamp_at(file) == artifact.stamp) {
      std::ofstream(file, std::ios::in) << "other";
      REQUIRE(::utimensat(AT_FDCWD, file.c_str(), times.data(), 0) == 0);
    }
  }
  SECTION("by putting another one there") {
    std::filesystem::rename(state.root.write("library/g", "other"), file);
  }
  CHECK(state.folder.look(artifact, false) == Presence::changed);
}

TEST_CASE("a file that is handed out is the one in the library, whatever its name comes to lead to") {
  const Prepared state;
  state.root.write("library/f", "ours");
  CHECK(text_of(state.folder.open_library("f")) == "ours");
  SECTION("a link in the library leads nowhere") {
    std::filesystem::create_symlink("f", state.folder.library("link"));
    CHECK_THROWS_AS(state.folder.open_library("link"), std::system_error);
    CHECK_THROWS_AS(state.folder.open_library("../library/f"), std::system_error);
  }
  SECTION("nor does one in the place of the library") {
    state.root.write("elsewhere/f", "theirs");
    std::filesystem::rename(state.root.path() / "library", state.root.path() / "moved");
    std::filesystem::create_symlink("elsewhere", state.root.path() / "library");
    CHECK(text_of(state.folder.open_library("f")) == "ours");
  }
}

TEST_CASE("what is a folder is moved to the trash at once, and removed by whoever may block") {
  Prepared state;
  std::vector<std::function<void()>> works;
  state.folder.trash().removed_by([&](auto work) { works.push_back(std::move(work)); });
  state.root.write("partial/17.1.part.unpack/inner/file", "x");
  state.root.write("results/7/file", "x");
  state.folder.remove_stray_partials({});
  state.folder.remove_result(7);
  CHECK(std::filesystem::is_empty(state.folder.partials()));
  CHECK_FALSE(state.has("results/7"));
  CHECK_FALSE(std::filesystem::is_empty(state.folder.trash().path()));
  REQUIRE(works.size() == 1);
  SECTION("all that lies there by then") {
    works[0]();
    CHECK(std::filesystem::is_empty(state.folder.trash().path()));
    state.root.write("results/8/file", "x");
    state.folder.remove_result(8);
    CHECK(works.size() == 2);
  }
  SECTION("also by the next daemon") {
    const StateFolder next(state.root.path());
    next.trash().empty();
    CHECK(std::filesystem::is_empty(next.trash().path()));
  }
  SECTION("not when the daemon ends") {
    state.folder.trash().stop();
    works[0]();
    CHECK_FALSE(std::filesystem::is_empty(state.folder.trash().path()));
  }
}

TEST_CASE("a tree is removed without following its links") {
  const Prepared state;
  state.root.write("outside/file", "x");
  state.root.write("partial/1.1.part.unpack/file", "x");
  std::filesystem::create_directory_symlink("../../outside",
                                            state.folder.partials() / "1.1.part.unpack/link");
  state.folder.remove_stray_partials({});
  CHECK(std::filesystem::is_empty(state.folder.trash().path()));
  CHECK(state.has("outside/file"));
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
