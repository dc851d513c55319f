#include "worker/process/unpack.hpp"

#include <cstdlib>
#include <fstream>
#include <functional>
#include <iomanip>
#include <sstream>
#include <string>

#include <archive_entry.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "archive_maker.hpp"
#include "support/catch.hpp"
#include "util/file.hpp"

using namespace concd;
using namespace concd::worker;
using Format = ArchiveMaker::Format;
namespace fs = std::filesystem;

namespace {

/// A folder of its own for each test, gone afterwards.
struct Place {
  Place() {
    std::string name = fs::temp_directory_path() / "concd-unpack-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    root = name;
    archive = root / "archive";
    folder = root / "folder";
    fs::create_directory(folder);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() { fs::remove_all(root); }

  Place& make(Format format, const std::function<void(ArchiveMaker&)>& fill) {
    ArchiveMaker maker(archive, format);
    fill(maker);
    return *this;
  }
  Place& make(const std::function<void(ArchiveMaker&)>& fill) { return make(Format::tar_gzip, fill); }

  fs::path root, archive, folder;
};

/// As a worker does it, but back in the old working directory afterwards.
std::optional<job::Failure> unpack_in(const Place& place, const UnpackLimits& limits) {
  const auto before = open_file(".", O_PATH | O_DIRECTORY);
  const auto archive = open_file(place.archive, O_RDONLY);
  const auto folder = open_file(place.folder, O_RDONLY | O_DIRECTORY);
  auto failure = unpack(archive.get(), folder.get(), limits);
  REQUIRE(::fchdir(before.get()) == 0);
  return failure;
}

std::optional<job::Failure> unpack_in(const Place& place) {
  return unpack_in(place, unpack_limits(fs::file_size(place.archive)));
}

/// What a header of a tar says about its entry.
struct TarEntry {
  std::string mode = "0000644";
  char type = '0';
  std::string target = {};
};

/// The header of an entry in a tar, ustar as POSIX.1-1988 has it.
std::string tar_header(const std::string& name, long long size, const TarEntry& entry = {}) {
  std::string header(512, '\0');
  const auto put = [&](std::size_t position, const std::string& text) {
    header.replace(position, text.size(), text);
  };
  const auto octal = [](long long value, int digits) {
    std::ostringstream text;
    text << std::oct << std::setw(digits) << std::setfill('0') << value;
    return text.str();
  };
  put(0, name);
  put(100, entry.mode);
  put(124, octal(size, 11));
  put(136, "00000000000");
  put(148, std::string("        ") + entry.type);
  put(157, entry.target);
  put(257, std::string("ustar\0"
                       "00",
                       8));
  long long sum = 0;
  for (const unsigned char byte : header) sum += byte;
  put(148, octal(sum, 6) + '\0');
  return header;
}

std::string padded(std::string data) {
  data.resize((data.size() + 511) / 512 * 512);
  return data;
}

/// An entry of a pax archive, where a hard link may have data: a header of its own comes before it.
std::string pax_entry(const std::string& name, const std::string& data, const TarEntry& entry) {
  const std::string record = "19 atime=1000000000\n";
  return tar_header("PaxHeaders/" + name, static_cast<long long>(record.size()), {"0000644", 'x', ""}) +
         padded(record) + tar_header(name, static_cast<long long>(data.size()), entry) + padded(data);
}

unsigned mode_of(const fs::path& path) {
  struct stat status{};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

void check_unpacked(const std::optional<job::Failure>& failure) {
  INFO((failure ? failure->message : "none"));
  CHECK_FALSE(failure);
}

/// The archive is refused for that reason, and nothing is beside it and the folder.
void check_refused(const Place& place, const std::optional<job::Failure>& failure, const std::string& why) {
  REQUIRE(failure);
  CHECK(failure->kind == job::FailureKind::verification);
  CHECK(failure->retry_class == job::RetryClass::none);
  CHECK_THAT(failure->message, ContainsSubstring("the archive was refused: "));
  CHECK_THAT(failure->message, ContainsSubstring(why));
  CHECK(std::distance(fs::directory_iterator(place.root), {}) == 2);
}

void check_refused(const Place& place, const std::string& why) {
  check_refused(place, unpack_in(place), why);
}

}  // namespace

TEST_CASE("archives of every kind are unpacked, names, contents and times") {
  const auto format = GENERATE(Format::tar, Format::tar_gzip, Format::tar_xz, Format::tar_zstd,
                               Format::tar_bzip2, Format::zip);
  Place place;
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

TEST_CASE("an archive has no say in owners, setuid, setgid, sticky and write permission") {
  Place place;
  place.make([](ArchiveMaker& maker) {
    maker.folder("open", 07777).file("open/suid", "x", 06755).file("all", "x", 0666).file("none", "x", 0);
  });
  const auto before = ::umask(0);
  check_unpacked(unpack_in(place));
  ::umask(before);
  CHECK(mode_of(place.folder / "open") == 0755);
  CHECK(mode_of(place.folder / "open/suid") == 0755);
  CHECK(mode_of(place.folder / "all") == 0644);
  CHECK(mode_of(place.folder / "none") == 0644);
}

TEST_CASE("hard links inside work, and of two entries of one name the last counts") {
  Place place;
  place.make(
      [](ArchiveMaker& maker) { maker.file("a", "first").hard_link("sub/b", "a").file("a", "second"); });
  check_unpacked(unpack_in(place));
  CHECK(read_text(place.folder / "a") == "second");
  CHECK(read_text(place.folder / "sub/b") == "first");
}

TEST_CASE("paths that lead out of the folder are refused") {
  Place place;
  const std::string outside = place.root / "outside";
  const auto* why = "an entry leads out of the folder";
  SECTION("by ..") {
    place.make([](auto& maker) { maker.file("ok", "x").file("../outside", "x"); });
  }
  SECTION("by .. later on") {
    place.make([](auto& maker) { maker.file("a/b/../../../outside", "x"); });
  }
  SECTION("by a root") {
    place.make([&](auto& maker) { maker.file(outside, "x"); });
  }
  SECTION("by a folder") {
    place.make([](auto& maker) { maker.folder("../outside"); });
  }
  SECTION("in a zip") {
    place.make(Format::zip, [](auto& maker) { maker.file("../outside", "x"); });
  }
  check_refused(place, why);
}

TEST_CASE("links that lead out of the folder are refused") {
  Place place;
  std::ofstream(place.root / "secret") << "secret";
  const std::string secret = place.root / "secret";
  SECTION("symbolic, by a root") {
    place.make([&](auto& maker) { maker.symbolic_link("a", secret); });
  }
  SECTION("symbolic, by ..") {
    place.make([](auto& maker) { maker.symbolic_link("a", "../secret"); });
  }
  SECTION("symbolic, through another") {
    place.make([](auto& maker) {
      maker.folder("d/e").symbolic_link("d/e/up", "../..").symbolic_link("a", "d/e/up/../secret");
    });
  }
  SECTION("hard, by a root") {
    place.make([&](auto& maker) { maker.hard_link("a", secret); });
  }
  SECTION("hard, by ..") {
    place.make([](auto& maker) { maker.hard_link("a", "../secret"); });
  }
  SECTION("hard, to a symbolic one that is moved up by it") {
    place.make(
        [](auto& maker) { maker.folder("d").symbolic_link("d/l", "../secret").hard_link("l", "d/l"); });
  }
  const auto failure = unpack_in(place);
  fs::remove(place.root / "secret");
  check_refused(place, failure, "a link leads out of the folder");
}

TEST_CASE("nothing is written through a link") {
  Place place;
  place.make([](auto& maker) { maker.folder("d").symbolic_link("a", "d").file("a/file", "x"); });
  check_refused(place, "a/file");
}

TEST_CASE("what is neither file, folder nor link is refused") {
  const auto type = GENERATE(AE_IFIFO, AE_IFCHR, AE_IFBLK);
  Place place;
  place.make([&](auto& maker) { maker.special("a", type); });
  check_refused(place, "an entry is neither file, folder nor link: a");
}

TEST_CASE("a bomb is refused before it has filled the disk") {
  Place place;
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
  Place place;
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
  Place place;
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
  Place place;
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

TEST_CASE("what is no archive is refused") {
  Place place;
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

TEST_CASE("a refusal shows a hostile name without its control characters") {
  Place place;
  place.make([](auto& maker) { maker.file("../\x1B[31m\nred", "x"); });
  check_refused(place, "../?[31m?red");
}

TEST_CASE("a folder that holds something already is left alone") {
  Place place;
  place.make([](auto& maker) { maker.hard_link("a", "mine"); });
  std::ofstream(place.folder / "mine") << "x";
  const auto failure = unpack_in(place);
  REQUIRE(failure);
  CHECK_THAT(failure->message, ContainsSubstring("Directory not empty"));
  CHECK(std::distance(fs::directory_iterator(place.folder), {}) == 1);
}

TEST_CASE("an archive is read from its beginning, wherever its descriptor stands") {
  Place place;
  place.make([](auto& maker) { maker.file("a", "x"); });
  const auto before = open_file(".", O_PATH | O_DIRECTORY);
  const auto archive = open_file(place.archive, O_RDWR);
  const auto folder = open_file(place.folder, O_RDONLY | O_DIRECTORY);
  REQUIRE(::lseek(archive.get(), 0, SEEK_END) > 0);
  check_unpacked(unpack(archive.get(), folder.get(), {100, 100}));
  REQUIRE(::fchdir(before.get()) == 0);
  CHECK(read_text(place.folder / "a") == "x");
}

TEST_CASE("a hard link to what is not a file of the archive is refused") {
  Place place;
  SECTION("nothing of that name") {
    place.make([](auto& maker) { maker.hard_link("a", "b").file("b", "x"); });
  }
  SECTION("a folder") {
    place.make([](auto& maker) { maker.folder("b").hard_link("a", "b"); });
  }
  SECTION("itself") {
    place.make([](auto& maker) { maker.hard_link("a", "a"); });
  }
  check_refused(place, "the target of a link is not a file of the archive: a");
}

TEST_CASE("a hard link that carries data has no say in the mode of its file") {
  Place place;
  std::ofstream(place.archive) << pax_entry("a", "first", {})
                               << pax_entry("b", "second", {"0006777", '1', "a"})
                               << pax_entry("c", "third", {"0004666", '0', ""})
                               << pax_entry("d", "fourth", {"0002622", '1', "c"}) << std::string(1024, '\0');
  check_unpacked(unpack_in(place));
  CHECK(read_text(place.folder / "a") == "second");
  CHECK(read_text(place.folder / "b") == "second");
  CHECK(read_text(place.folder / "d") == "fourth");
  CHECK(mode_of(place.folder / "a") == 0755);
  CHECK(mode_of(place.folder / "c") == 0644);
}

TEST_CASE("the data of hard links counts towards the limit") {
  Place place;
  std::ofstream(place.archive) << pax_entry("a", std::string(600, 'x'), {})
                               << pax_entry("b", std::string(600, 'x'), {"0000644", '1', "a"})
                               << std::string(1024, '\0');
  check_refused(place, unpack_in(place, {1000, 10}), "it holds more than 1000 bytes");
}

TEST_CASE("a full disk is told apart") {
  Place place;
  place.make([](auto& maker) { maker.file("a", "x").file("b", std::string(1 << 20, 'x')); });
  // A small file system of the child's own; its exit code is what it found.
  const auto child = ::fork();
  if (child == 0) {
    const auto small = place.root / "small";
    const int spaces = ::geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER;
    if (::unshare(spaces) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mkdir(small.c_str(), 0700) != 0 || ::mount("none", small.c_str(), "tmpfs", 0, "size=256k") != 0)
      ::_exit(77);
    Place inside;
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
