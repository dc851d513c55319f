#include "publish/publish_file.hpp"

#include <cstdio>
#include <future>
#include <memory>

#include <sys/stat.h>
#include <unistd.h>

#include "publication_maker.hpp"
#include "publish/part.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::test;
using Kind = publish::Result::Kind;
namespace fs = std::filesystem;

namespace {

/// Publishes a file, step by step.
struct Bench : PublicationMaker {
  using PublicationMaker::PublicationMaker;

  publish::Result publish() {
    if (auto end = make_ready(publication, folders, stop)) return *end;
    return place();
  }
  publish::Result place() {
    std::promise<publish::Result> answer;
    place_file(publication, folders, [&](const publish::Result& result) { answer.set_value(result); });
    return answer.get_future().get();
  }

  publish::Result place_copy() {
    std::promise<publish::Result> answer;
    publish::place_copy(publication, folders, stop,
                        [&](const publish::Result& result) { answer.set_value(result); });
    return answer.get_future().get();
  }

  std::atomic<bool> stop{false};
  publish::FolderSync folders;
};

}  // namespace

TEST_CASE("publishing replaces the old file; its readers keep theirs") {
  Bench bench("new");
  bench.root.write("library/f", "old");
  const std::unique_ptr<FILE, int (*)(FILE*)> reader(fopen(bench.publication.destination.c_str(), "r"),
                                                     fclose);
  CHECK(bench.publish().kind == Kind::published);
  CHECK(read(bench.publication.destination) == "new");
  CHECK(bench.is_cleared());
  char text[4] = {};
  CHECK(fread(text, 1, 3, reader.get()) == 3);
  CHECK(std::string(text) == "old");
}

TEST_CASE("the published file has the mode and the server's time") {
  Bench bench;
  bench.publication.mode = 0640;
  bench.publication.mtime = Microseconds(1'000'000'000'123'456);
  REQUIRE(bench.publish().kind == Kind::published);
  struct stat status{};
  REQUIRE(::stat(bench.publication.destination.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0640);
  CHECK(status.st_mtim.tv_sec == 1'000'000'000);
  CHECK(status.st_mtim.tv_nsec == 123'456'000);
}

TEST_CASE("the stamp is the one that the file has from then on") {
  Bench bench;
  SECTION("in a free place") {}
  SECTION("in the place of a file") {
    bench.root.write("library/f", "old");
  }
  SECTION("in the place of a folder") {
    bench.put_old_folder();
  }
  const auto result = bench.publish();
  REQUIRE(result.kind == Kind::published);
  CHECK(result.stamp == bench.published_stamp());
}

TEST_CASE("a file takes the place of a folder") {
  Bench bench("file");
  bench.put_old_folder();
  CHECK(bench.publish().kind == Kind::published);
  CHECK(read(bench.publication.destination) == "file");
  CHECK(bench.is_cleared());
}

TEST_CASE("a wrong file is deleted and changes nothing") {
  Bench bench("wrong");
  bench.publication.expected_digest = digest_of_whole();
  bench.root.write("library/f", "old");
  const auto result = bench.publish();
  CHECK(result.kind == Kind::failed);
  CHECK_FALSE(result.kept);
  CHECK(result.failure->kind == job::FailureKind::verification);
  CHECK(read(bench.publication.destination) == "old");
  CHECK(bench.is_cleared());
}

TEST_CASE("what cannot be put in place is kept for another try") {
  Bench bench;
  fs::remove_all(bench.library());
  const auto result = bench.publish();
  REQUIRE(result.kind == Kind::failed);
  CHECK(result.failure->kind == job::FailureKind::file);
  CHECK(result.kept);
  CHECK(read(bench.publication.part) == "whole");
}

TEST_CASE("a stop during the final check keeps the file") {
  Bench bench;
  bench.publication.expected_digest = digest_of_whole();
  bench.stop = true;
  const auto result = bench.publish();
  CHECK(result.kind == Kind::stopped);
  CHECK(result.kept);
  CHECK(read(bench.publication.part) == "whole");
}

TEST_CASE("nobody is told that a file is published before its folder is synced") {
  Bench bench;
  std::atomic<bool> synced{false};
  publish::FolderSync folders([&](const fs::path& folder) {
    CHECK(folder == bench.library());
    CHECK(read(bench.publication.destination) == "whole");
    synced = true;
  });
  std::promise<bool> answer;
  place_file(bench.publication, folders, [&](const publish::Result&) { answer.set_value(synced.load()); });
  CHECK(answer.get_future().get());
}

TEST_CASE("a folder that cannot be synced fails the publication, and the replaced folder is not torn up") {
  Bench bench;
  bench.put_old_folder();
  publish::FolderSync folders([](const fs::path&) { throw std::runtime_error("broken disk"); });
  std::promise<publish::Result> answer;
  place_file(bench.publication, folders, [&](const publish::Result& result) { answer.set_value(result); });
  const auto result = answer.get_future().get();
  REQUIRE(result.kind == Kind::failed);
  CHECK(result.failure->message == "broken disk");
  CHECK_FALSE(result.kept);
  CHECK(read(bench.publication.part / "old") == "old");
}

TEST_CASE("keeping a file that is shorter than claimed claims nothing") {
  Bench bench("short");
  CHECK(keep_part(bench.publication, bench.folders));
  bench.publication.size = 6;
  CHECK_FALSE(keep_part(bench.publication, bench.folders));
  CHECK(bench.is_cleared());
}

TEST_CASE("a kept file's name is synced too, or nothing is kept") {
  Bench bench;
  std::vector<fs::path> synced;
  publish::FolderSync folders([&](const fs::path& folder) { synced.push_back(folder); });
  CHECK(keep_part(bench.publication, folders));
  CHECK(synced == std::vector<fs::path>{bench.partial_folder()});
  publish::FolderSync broken([](const fs::path&) { throw std::runtime_error("broken disk"); });
  CHECK_FALSE(keep_part(bench.publication, broken));
  CHECK(bench.is_cleared());
}

TEST_CASE("a caller's own file is verified and synced where it is, and gets neither name nor attributes") {
  Bench bench("whole");
  auto& publication = bench.publication;
  publication.in_place = true;
  publication.mtime = Microseconds(1'000'000'000'123'456);
  const auto destination = std::exchange(publication.destination, {});
  struct stat before{}, after{};
  REQUIRE(::fstat(publication.file->get(), &before) == 0);
  SECTION("as it should be") {
    CHECK_FALSE(make_ready(publication, bench.folders, bench.stop));
    CHECK(bench.place_copy().kind == Kind::published);
    REQUIRE(::fstat(publication.file->get(), &after) == 0);
    CHECK(after.st_mode == before.st_mode);
    CHECK(after.st_mtim.tv_sec == before.st_mtim.tv_sec);
    CHECK_FALSE(fs::exists(destination));
  }
  SECTION("with a copy for others") {
    publication.destination = destination;
    publication.part += ".copy";
    CHECK_FALSE(make_ready(publication, bench.folders, bench.stop));
    CHECK(bench.place_copy().kind == Kind::published);
    CHECK(read(destination) == "whole");
    CHECK_FALSE(fs::exists(publication.part));
  }
  SECTION("of which nothing is left when nobody wants it any more") {
    publication.destination = destination;
    publication.part += ".copy";
    bench.stop = true;
    const auto result = bench.place_copy();
    CHECK(result.kind == Kind::stopped);
    CHECK(result.kept);
    CHECK_FALSE(fs::exists(destination));
    CHECK_FALSE(fs::exists(publication.part));
  }
  SECTION("with another size") {
    publication.size = 4;
    const auto end = make_ready(publication, bench.folders, bench.stop);
    REQUIRE(end);
    CHECK(end->kind == Kind::failed);
    CHECK_FALSE(end->kept);
    CHECK(fs::exists(publication.part));
  }
}
