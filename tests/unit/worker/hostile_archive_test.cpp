// What a stranger's archive may not do.

#include <fstream>
#include <string>

#include <archive_entry.h>
#include <sys/stat.h>

#include "tar_entry.hpp"
#include "unpack_place.hpp"

using namespace concd;
using namespace concd::worker;
using Format = ArchiveMaker::Format;
namespace fs = std::filesystem;

TEST_CASE("an archive has no say in owners, setuid, setgid, sticky and write permission") {
  UnpackPlace place;
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
  UnpackPlace place;
  place.make(
      [](ArchiveMaker& maker) { maker.file("a", "first").hard_link("sub/b", "a").file("a", "second"); });
  check_unpacked(unpack_in(place));
  CHECK(read_text(place.folder / "a") == "second");
  CHECK(read_text(place.folder / "sub/b") == "first");
}

TEST_CASE("paths that lead out of the folder are refused") {
  UnpackPlace place;
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
  UnpackPlace place;
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
  UnpackPlace place;
  place.make([](auto& maker) { maker.folder("d").symbolic_link("a", "d").file("a/file", "x"); });
  check_refused(place, "a/file");
}

TEST_CASE("what is neither file, folder nor link is refused") {
  const auto type = GENERATE(AE_IFIFO, AE_IFCHR, AE_IFBLK);
  UnpackPlace place;
  place.make([&](auto& maker) { maker.special("a", type); });
  check_refused(place, "an entry is neither file, folder nor link: a");
}

TEST_CASE("a refusal shows a hostile name without its control characters") {
  UnpackPlace place;
  place.make([](auto& maker) { maker.file("../\x1B[31m\nred", "x"); });
  check_refused(place, R"(../\x1B[31m\x0Ared)");
}

TEST_CASE("a hard link to what is not a file of the archive is refused") {
  UnpackPlace place;
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
  UnpackPlace place;
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
  UnpackPlace place;
  std::ofstream(place.archive) << pax_entry("a", std::string(600, 'x'), {})
                               << pax_entry("b", std::string(600, 'x'), {"0000644", '1', "a"})
                               << std::string(1024, '\0');
  check_refused(place, unpack_in(place, {1000, 10}), "it holds more than 1000 bytes");
}
