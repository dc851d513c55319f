#include "publish/publish_tree.hpp"

#include <fstream>

#include <sys/stat.h>

#include "library/state_folder.hpp"
#include "publication_maker.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::test;
using job::FailureKind;
using job::RetryClass;
using Kind = publish::Result::Kind;
namespace fs = std::filesystem;

namespace {

/// An archive that was unpacked to "sub/new", beside a library that may have an old folder.
struct Unpacked : PublicationMaker {
  Unpacked() : PublicationMaker("archive"), folder(make_unpack_folder(publication)) {
    publication.unpack = true;
    fs::create_directory(path() / "sub");
    REQUIRE(::chmod((path() / "sub").c_str(), 0755) == 0);
    std::ofstream(path() / "sub/new") << "new";
    REQUIRE(::chmod((path() / "sub/new").c_str(), 0644) == 0);
  }

  [[nodiscard]] fs::path path() const { return library::unpack_folder(publication.part); }
  publish::Result place() { return place_tree(publication, folder, folders, stop); }

  publish::FolderSync folders;
  std::atomic<bool> stop{false};
  job::SharedFd folder;
};

}  // namespace

TEST_CASE("an archive is unpacked to a new, private folder, whatever lay there") {
  const PublicationMaker maker;
  const auto path = library::unpack_folder(maker.publication.part);
  maker.root.write("partial/17.1.part.unpack/old", "old");
  const auto folder = publish::make_unpack_folder(maker.publication);
  struct stat status{};
  REQUIRE(::fstat(folder->get(), &status) == 0);
  CHECK(S_ISDIR(status.st_mode));
  CHECK((status.st_mode & 07777) == 0700);
  CHECK(fs::is_empty(path));
}

TEST_CASE("what was unpacked takes the place of the old folder, for all to read") {
  Unpacked unpacked;
  unpacked.put_old_folder();
  const auto result = unpacked.place();
  CHECK(result.kind == Kind::published);
  CHECK(result.stamp == unpacked.published_stamp());
  CHECK(read(unpacked.publication.destination / "sub/new") == "new");
  CHECK_FALSE(fs::exists(unpacked.publication.destination / "old"));
  struct stat status{};
  REQUIRE(::stat(unpacked.publication.destination.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0755);
  CHECK(unpacked.is_cleared());
}

TEST_CASE("what was unpacked takes the place of a file, or of nothing") {
  Unpacked first;
  first.root.write("library/f", "a file");
  CHECK(first.place().kind == Kind::published);
  CHECK(read(first.publication.destination / "sub/new") == "new");
  CHECK(first.is_cleared());
  Unpacked second;
  CHECK(second.place().kind == Kind::published);
  CHECK(second.is_cleared());
}

TEST_CASE("what may not be published changes nothing and is removed") {
  Unpacked unpacked;
  unpacked.put_old_folder();
  REQUIRE(::chmod((unpacked.path() / "sub/new").c_str(), 04755) == 0);
  const auto result = unpacked.place();
  REQUIRE(result.kind == Kind::failed);
  CHECK(result.failure->kind == FailureKind::verification);
  CHECK(result.failure->retry_class == RetryClass::none);
  CHECK(result.failure->message == "what was unpacked was refused: the mode 4755: sub/new");
  CHECK_FALSE(result.kept);
  CHECK(read(unpacked.publication.destination / "old") == "old");
  CHECK(unpacked.is_cleared());
}

TEST_CASE("a folder that was exchanged for another is refused") {
  Unpacked unpacked;
  fs::rename(unpacked.path(), unpacked.root.path() / "moved");
  fs::create_directory(unpacked.path());
  const auto result = unpacked.place();
  REQUIRE(result.kind == Kind::failed);
  CHECK(result.failure->kind == FailureKind::verification);
  CHECK_FALSE(fs::exists(unpacked.publication.destination));
}

TEST_CASE("a stop before the rename keeps the archive and nothing else") {
  Unpacked unpacked;
  unpacked.stop = true;
  const auto result = unpacked.place();
  CHECK(result.kind == Kind::stopped);
  CHECK(result.kept);
  CHECK(read(unpacked.publication.part) == "archive");
  CHECK_FALSE(fs::exists(unpacked.path()));
  CHECK_FALSE(fs::exists(unpacked.publication.destination));
}

TEST_CASE("what cannot be put in place keeps the archive") {
  Unpacked unpacked;
  fs::remove_all(unpacked.library());
  const auto result = unpacked.place();
  REQUIRE(result.kind == Kind::failed);
  CHECK(result.failure->kind == FailureKind::file);
  CHECK(result.kept);
  CHECK_FALSE(fs::exists(unpacked.path()));
}

TEST_CASE("when the name cannot be synced, the replaced folder is not torn up and the archive is kept") {
  Unpacked unpacked;
  unpacked.put_old_folder();
  publish::FolderSync broken([&](const fs::path& folder) {
    if (folder == unpacked.library()) throw std::runtime_error("broken disk");
  });
  const auto result = place_tree(unpacked.publication, unpacked.folder, broken, unpacked.stop);
  REQUIRE(result.kind == Kind::failed);
  CHECK(result.failure->message == "broken disk");
  CHECK(result.kept);
  CHECK(read(unpacked.path() / "old") == "old");
}

TEST_CASE("an archive that could not be unpacked is kept only when this machine is to blame") {
  const auto kept = [](FailureKind kind, RetryClass retry_class) {
    Unpacked unpacked;
    const auto result =
        unpacking_failed(unpacked.publication, {kind, retry_class, "broken"}, unpacked.folders);
    CHECK(result.failure->message == "broken");
    CHECK_FALSE(fs::exists(unpacked.path()));
    CHECK(fs::exists(unpacked.publication.part) == result.kept);
    return result.kept;
  };
  CHECK(kept(FailureKind::file, RetryClass::disk_space));
  CHECK(kept(FailureKind::file, RetryClass::retry));
  CHECK(kept(FailureKind::other, RetryClass::local_resource));
  CHECK_FALSE(kept(FailureKind::verification, RetryClass::none));
  CHECK_FALSE(kept(FailureKind::other, RetryClass::mirror));
}
