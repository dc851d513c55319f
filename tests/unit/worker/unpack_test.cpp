#include "worker/process/unpack.hpp"

#include <fstream>
#include <string>

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tar_entry.hpp"
#include "unpack_place.hpp"

using namespace concd;
using namespace concd::worker;
using Format = ArchiveMaker::Format;
namespace fs = std::filesystem;

TEST_CASE("archives of every kind are unpacked, names, contents and times") {
  const auto format = GENERATE(Format::tar, Format::tar_gzip, Format::tar_xz, Format::tar_zstd,
                               Format::tar_bzip2, Format::zip);
  UnpackPlace place;
  place.make(format, [](ArchiveMaker& maker) {
    maker.folder("./").folder("sub").file("sub/\xC3\xB1.txt", "hola").file("deep/er/run", "#!/bin/sh", 0755);
    maker.symbolic_link("deep/link", "../sub/\xC3\xB1.txt");
  });
  check_unpacked(unpack_in(place));
  CHECK(read_text(place.folder / "sub/\xC3\xB1.txt") == "hola");
  CHECK(read_text(place.folder / "deep/link") == "hola");
  CHECK(mode_of(place.folder / "deep/er/run") == 0755);
  CHECK(mode_of(place.folder) == 0755);
  struct stat status{};
  REQUIRE(::stat((place.folder / "deep/er/run").c_str(), &status) == 0);
  CHECK(status.st_mtime == 1'000'000'000);
  CHECK(status.st_uid == ::geteuid());
}

TEST_CASE("a bomb is refused before it has filled the disk") {
  UnpackPlace place;
  const UnpackLimits limits{1 << 20, 1000};
  SECTION("one file") {
    place.make([](auto& maker) { maker.file("a", std::string((1 << 20) + 1, '\0')); });
  }
  SECTION("many files") {
    place.make([](auto& maker) {
      for (int i = 0; i < 3; ++i) maker.file(std::to_string(i), std::string(1 << 19, '\0'));
    });
  }
  SECTION("in a zip") {
    place.make(Format::zip, [](auto& maker) { maker.file("a", std::string((1 << 20) + 1, '\0')); });
  }
  SECTION("a file that is said to be large") {
    std::ofstream(place.archive) << tar_header("a", 1LL << 32);
  }
  check_refused(place, unpack_in(place, limits), "it holds more than 1048576 bytes");
}

TEST_CASE("a file that is larger than its archive says is refused") {
  UnpackPlace place;
  place.make(Format::zip, [](auto& maker) { maker.file("a", std::string(0x200001, '\0')); });
  auto bytes = read_text(place.archive);
  const std::string said("\x01\x00\x20\x00", 4);
  std::size_t lies = 0;
  for (auto at = bytes.find(said); at != std::string::npos; at = bytes.find(said, at + 1), ++lies)
    bytes.replace(at, 4, std::string("\x0A\x00\x00\x00", 4));
  REQUIRE(lies > 0);
  std::ofstream(place.archive) << bytes;
  check_refused(place, unpack_in(place, {1 << 20, 10}), "");
}

TEST_CASE("an archive of more entries than allowed is refused") {
  UnpackPlace place;
  place.make([](auto& maker) { maker.file("a", "").file("b", "").file("c", ""); });
  check_refused(place, unpack_in(place, {100, 2}), "it has more than 2 entries");
  fs::remove_all(place.folder);
  fs::create_directory(place.folder);
  check_unpacked(unpack_in(place, {100, 3}));
}

TEST_CASE("the limits grow with the archive and never overflow") {
  CHECK(unpack_limits(0).bytes == k_allowance);
  CHECK(unpack_limits(10).bytes == k_allowance + 10 * k_expansion);
  CHECK(unpack_limits(~0ULL).bytes == (~0ULL >> 1));
  CHECK(unpack_limits(1).entries == k_max_entries);
}

TEST_CASE("an archive that is cut off is refused") {
  const auto format = GENERATE(Format::tar, Format::tar_gzip, Format::tar_xz, Format::tar_zstd,
                               Format::tar_bzip2, Format::zip);
  UnpackPlace place;
  auto noise = [state = 1U]() mutable {
    std::string bytes(20'000, '\0');
    for (auto& byte : bytes) byte = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    return bytes;
  };
  place.make(format, [&](auto& maker) { maker.file("a", noise()).file("b", noise()); });
  INFO("format " << static_cast<int>(format));
  fs::resize_file(place.archive, fs::file_size(place.archive) * 3 / 4);
  check_refused(place, "");
}

TEST_CASE("what cannot be read as an archive is refused") {
  UnpackPlace place;
  SECTION("a text") {
    std::ofstream(place.archive) << "<html>not found</html>";
  }
  SECTION("nothing at all") {
    std::ofstream(place.archive) << "";
  }
  SECTION("a damaged gzip") {
    std::ofstream(place.archive) << "\x1F\x8B\x08 and nothing that follows from it";
  }
  check_refused(place, "");
}

TEST_CASE("a folder that holds something already is left alone") {
  UnpackPlace place;
  place.make([](auto& maker) { maker.hard_link("a", "mine"); });
  std::ofstream(place.folder / "mine") << "x";
  const auto failure = unpack_in(place);
  REQUIRE(failure);
  CHECK_THAT(failure->message, ContainsSubstring("Directory not empty"));
  CHECK(std::distance(fs::directory_iterator(place.folder), {}) == 1);
}

TEST_CASE("an archive is read from its beginning, wherever its descriptor stands") {
  UnpackPlace place;
  place.make([](auto& maker) { maker.file("a", "x"); });
  const auto before = open_file(".", O_PATH | O_DIRECTORY);
  const auto archive = open_file(place.archive, O_RDWR);
  const auto folder = open_file(place.folder, O_RDONLY | O_DIRECTORY);
  REQUIRE(::lseek(archive.get(), 0, SEEK_END) > 0);
  check_unpacked(unpack(archive.get(), folder.get(), {100, 100}, [] {}));
  REQUIRE(::fchdir(before.get()) == 0);
  CHECK(read_text(place.folder / "a") == "x");
}

TEST_CASE("a full disk is told apart") {
  UnpackPlace place;
  place.make([](auto& maker) { maker.file("a", "x").file("b", std::string(1 << 20, 'x')); });
  // A small file system of the child's own; its exit code is what it found.
  const auto child = ::fork();
  if (child == 0) {
    const auto small = place.root / "small";
    const int spaces = ::geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER;
    if (::unshare(spaces) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mkdir(small.c_str(), 0700) != 0 || ::mount("none", small.c_str(), "tmpfs", 0, "size=256k") != 0)
      ::_exit(77);
    UnpackPlace inside;
    inside.archive = place.archive;
    inside.folder = small;
    const auto failure = unpack_in(inside);
    const bool right = failure && failure->kind == job::FailureKind::file &&
                       failure->retry_class == job::RetryClass::disk_space;
    ::_exit(right ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) {
    WARN("skipped: no file system may be mounted here");
    return;
  }
  CHECK(WEXITSTATUS(status) == 0);
}
