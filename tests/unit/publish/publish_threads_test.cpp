#include "publish/publish_threads.hpp"

#include <condition_variable>
#include <fstream>
#include <mutex>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>

#include "library/state_folder.hpp"
#include "publication_maker.hpp"
#include "support/catch.hpp"
#include "util/file.hpp"

using namespace concd;
using namespace concd::test;
using publish::PublishThreads;
using publish::Result;
using Kind = Result::Kind;
namespace fs = std::filesystem;

namespace {

/// Does nothing by itself: the test says when and how an unpacking ends.
class FakeUnpacker final : public job::Unpacker {
 public:
  void start(job::Id id, job::SharedFd archive, job::SharedFd folder, Done done) override {
    CHECK(id == 17);
    m_archive = std::move(archive);
    m_folder = std::move(folder);
    m_done = std::move(done);
  }
  void stop(job::Id) override { stopped = true; }

  [[nodiscard]] bool started() const { return m_done != nullptr; }
  [[nodiscard]] std::string archive() const { return read_text(m_archive->get(), "archive"); }
  void make_file(const char* name, mode_t mode) const {
    const UniqueFd fd(::openat(m_folder->get(), name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    REQUIRE(::fchmod(fd.get(), mode) == 0);
  }
  void finish(std::optional<job::Failure> failure) { std::exchange(m_done, nullptr)(std::move(failure)); }

  bool stopped = false;

 private:
  job::SharedFd m_archive;
  job::SharedFd m_folder;
  Done m_done;
};

/// The publisher, with its threads.
struct Bench {
  std::optional<Result>& start(const publish::Publication& publication) {
    threads->start(publication, [this](const Result& end) { result = end; });
    CHECK_FALSE(result);
    return result;
  }
  Result wait() {
    loop.run_until([this] { return result.has_value(); });
    return *result;
  }
  void wait_for_unpacker() {
    loop.run_until([this] { return unpacker.started(); });
  }

  event::Loop loop;
  event::Mailbox mailbox{loop};
  publish::FolderSync folders;
  FakeUnpacker unpacker;
  ThreadPool disk{"publish", 2};
  std::unique_ptr<PublishThreads> threads =
      std::make_unique<PublishThreads>(mailbox, disk, folders, unpacker);
  std::optional<Result> result;
};

/// An archive to be unpacked over an old folder.
struct Archive : PublicationMaker {
  Archive() : PublicationMaker("archive") {
    publication.unpack = true;
    put_old_folder();
  }
  [[nodiscard]] bool is_unchanged() const { return read(publication.destination / "old") == "old"; }
};

}  // namespace

TEST_CASE("a file is published, and its end is told on the main thread") {
  const PublicationMaker maker;
  Bench bench;
  const auto here = std::this_thread::get_id();
  std::thread::id there;
  std::optional<Result> result;
  bench.threads->start(maker.publication, [&](const Result& end) {
    there = std::this_thread::get_id();
    result = end;
  });
  bench.loop.run_until([&] { return result.has_value(); });
  CHECK(result->kind == Kind::published);
  CHECK(there == here);
  CHECK(read(maker.publication.destination) == "whole");
  CHECK(maker.is_cleared());
}

TEST_CASE("a published file is looked at again, and that is told on the main thread") {
  const PublicationMaker maker;
  Bench bench;
  std::thread::id there;
  std::optional<job::FileStamp> seen;
  bench.threads->look_again({maker.publication.file, 5, digest_of_whole()}, [&](const auto& stamp) {
    there = std::this_thread::get_id();
    seen = stamp;
  });
  CHECK_FALSE(seen);
  bench.loop.run_until([&] { return seen.has_value(); });
  CHECK(there == std::this_thread::get_id());
  CHECK(seen == job::stamp_of(maker.publication.file->get()));
}

TEST_CASE("a wrong file is told as such") {
  PublicationMaker maker("wrong");
  maker.publication.expected_digest = digest_of_whole();
  Bench bench;
  bench.start(maker.publication);
  const auto result = bench.wait();
  REQUIRE(result.kind == Kind::failed);
  CHECK(result.failure->kind == job::FailureKind::verification);
  CHECK_FALSE(fs::exists(maker.publication.destination));
}

TEST_CASE("many files share the syncs of their folder") {
  constexpr int k_files = 200;
  std::mutex mutex;
  std::condition_variable changed;
  bool go = false;
  int syncs = 0;
  const PublicationMaker maker;
  event::Loop loop;
  event::Mailbox mailbox(loop);
  FakeUnpacker unpacker;
  // The first sync is held until all files have their new names: a second one serves the others.
  publish::FolderSync folders([&](const fs::path&) {
    std::unique_lock lock(mutex);
    ++syncs;
    changed.wait(lock, [&] { return go; });
  });
  ThreadPool disk("publish", 8);
  PublishThreads threads(mailbox, disk, folders, unpacker);
  int published = 0;
  for (int i = 1; i <= k_files; ++i) {
    auto publication = maker.publication;
    publication.id = static_cast<job::Id>(i);
    publication.part = maker.partial_folder() / std::to_string(i);
    publication.destination = maker.library() / std::to_string(i);
    std::ofstream(publication.part) << "whole";
    publication.file = std::make_shared<UniqueFd>(open_file(publication.part, O_RDWR));
    threads.start(publication, [&](const Result& result) { published += result.kind == Kind::published; });
  }
  while (!fs::is_empty(maker.partial_folder()) &&
         std::distance(fs::directory_iterator(maker.library()), {}) < k_files)
    std::this_thread::yield();
  CHECK(published == 0);
  {
    const std::lock_guard lock(mutex);
    go = true;
    changed.notify_all();
  }
  loop.run_until([&] { return published == k_files; });
  CHECK(syncs <= 3);
}

TEST_CASE("an archive is unpacked by the unpacker and then put in place") {
  const Archive archive;
  Bench bench;
  bench.start(archive.publication);
  bench.wait_for_unpacker();
  CHECK(archive.is_unchanged());
  CHECK(bench.unpacker.archive() == "archive");
  bench.unpacker.make_file("new", 0644);
  bench.unpacker.finish(std::nullopt);
  CHECK(bench.wait().kind == Kind::published);
  CHECK(fs::exists(archive.publication.destination / "new"));
  CHECK_FALSE(fs::exists(archive.publication.destination / "old"));
  CHECK(archive.is_cleared());
}

TEST_CASE("an unpacker is not believed that all is well") {
  const Archive archive;
  Bench bench;
  bench.start(archive.publication);
  bench.wait_for_unpacker();
  bench.unpacker.make_file("new", 0666);
  bench.unpacker.finish(std::nullopt);
  const auto result = bench.wait();
  REQUIRE(result.kind == Kind::failed);
  CHECK(result.failure->kind == job::FailureKind::verification);
  CHECK(archive.is_unchanged());
  CHECK(archive.is_cleared());
}

TEST_CASE("an archive is not unpacked before it is verified") {
  Archive archive;
  archive.publication.expected_digest = digest_of_whole();
  Bench bench;
  bench.start(archive.publication);
  CHECK(bench.wait().kind == Kind::failed);
  CHECK_FALSE(bench.unpacker.started());
  CHECK(archive.is_unchanged());
}

TEST_CASE("a failed unpacking leaves the old folder as it was") {
  const Archive archive;
  Bench bench;
  bench.start(archive.publication);
  bench.wait_for_unpacker();
  bench.unpacker.finish(job::Failure{job::FailureKind::other, job::RetryClass::mirror, "broken"});
  const auto result = bench.wait();
  REQUIRE(result.kind == Kind::failed);
  CHECK(result.failure->message == "broken");
  CHECK(archive.is_unchanged());
  CHECK(archive.is_cleared());
}

TEST_CASE("a stop ends an unpacking and keeps the archive") {
  const Archive archive;
  Bench bench;
  bench.start(archive.publication);
  bench.wait_for_unpacker();
  bench.threads->stop(archive.publication.id);
  CHECK(bench.unpacker.stopped);
  bench.unpacker.finish(job::Failure{job::FailureKind::other, job::RetryClass::retry, "killed"});
  const auto result = bench.wait();
  CHECK(result.kind == Kind::stopped);
  CHECK(result.kept);
  CHECK(archive.is_unchanged());
  CHECK(fs::exists(archive.publication.part));
  CHECK_FALSE(fs::exists(library::unpack_folder(archive.publication.part)));
}

TEST_CASE("a stop before the unpacker begins needs none") {
  const Archive archive;
  Bench bench;
  bench.start(archive.publication);
  bench.threads->stop(archive.publication.id);
  bench.threads->stop(archive.publication.id + 1);
  const auto result = bench.wait();
  CHECK(result.kind == Kind::stopped);
  CHECK(result.kept);
  CHECK_FALSE(bench.unpacker.started());
}

TEST_CASE("the same transfer may be published again as soon as its end is told") {
  const PublicationMaker maker;
  Bench bench;
  bench.threads->start(maker.publication, [&](const Result& first) {
    CHECK(first.kind == Kind::published);
    maker.root.write("partial/17.1.part", "again");
    auto again = maker.publication;
    again.file = std::make_shared<UniqueFd>(open_file(again.part, O_RDWR));
    bench.threads->start(again, [&](const Result& end) { bench.result = end; });
  });
  CHECK(bench.wait().kind == Kind::published);
  CHECK(read(maker.publication.destination) == "again");
}

TEST_CASE("nobody is told of what is still going on when the publisher is destroyed") {
  const Archive archive;
  Bench bench;
  bench.start(archive.publication);
  bench.wait_for_unpacker();
  bench.threads.reset();
  CHECK(bench.unpacker.stopped);
  bench.unpacker.finish(std::nullopt);
  bench.mailbox.drain();
  CHECK_FALSE(bench.result);
}
