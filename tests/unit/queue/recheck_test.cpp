#include <filesystem>
#include <fstream>

#include "unit/queue/queue_bench.hpp"

using namespace concd;
using namespace concd::test;
using job::State;

namespace {

const std::string k_hex(64, 'a');

/// The library has "big", which somebody has touched since.
struct Touched : RunningBench {
  explicit Touched(const std::string& lines) {
    configure("[big]\nurl = \"https://one/big\"\n" + lines);
    first = download("big");
    fetch(first.transfer);
    touch();
  }

  void touch() const {
    // Another inode, so that no clock decides.
    std::ofstream(root.path() / "other") << "other";
    std::filesystem::rename(root.path() / "other", folder.library("big"));
  }
  void see(const std::optional<job::FileStamp>& stamp) {
    publisher.doubts.at(0).second(stamp);
    publisher.doubts.erase(publisher.doubts.begin());
    turn();
  }
  auto ask() {
    return ask_later<View>([this](auto reply) { service.download(request_for("big"), {}, k_user, reply); });
  }
  job::FileStamp stamp() const {
    struct stat status{};
    REQUIRE(::stat(folder.library("big").c_str(), &status) == 0);
    return job::stamp_of(status);
  }

  View first;
};

struct WithDigest : Touched {
  WithDigest() : Touched("digest = \"sha256:" + k_hex + "\"\n") {}
};

struct WithoutDigest : Touched {
  WithoutDigest() : Touched("fresh_for = \"1h\"\n") {}
};

}  // namespace

TEST_CASE_METHOD(WithDigest,
                 "a file that was touched is read anew, once for all who ask, and done if it is the same") {
  const auto one = ask(), two = ask();
  turn();
  CHECK_FALSE(*one);
  REQUIRE(publisher.doubts.size() == 1);
  CHECK(publisher.doubts[0].first.digest.hex == k_hex);
  CHECK(publisher.doubts[0].first.size == 5);
  see(stamp());
  REQUIRE(one->has_value());
  CHECK((**one)->state == State::done);
  CHECK((**two)->state == State::done);
  CHECK(storage.artifacts.at("big").stamp == stamp());
  CHECK(download("big").state == State::done);
  CHECK(publisher.doubts.empty());
}

TEST_CASE_METHOD(WithDigest, "a file that is no longer the same is fetched again") {
  const auto answer = ask();
  see(std::nullopt);
  CHECK(runs((**answer)->transfer));
  CHECK(download("big").transfer == (**answer)->transfer);
  CHECK(publisher.doubts.empty());
  fetch((**answer)->transfer);
  CHECK(download("big").state == State::done);
}

TEST_CASE_METHOD(WithDigest, "a file that is published anew while the old one is read is believed") {
  auto forced = request_for("big");
  forced.force = true;
  const auto newer = request(forced);
  const auto answer = ask();
  fetch(newer->transfer);
  see(std::nullopt);
  CHECK((**answer)->state == State::done);
}

TEST_CASE_METHOD(WithDigest, "nobody is let in by a file that was read while the daemon began to stop") {
  const auto answer = ask();
  core.stop([] {});
  see(stamp());
  CHECK(is_refused<control::ShuttingDown>(**answer));
}

TEST_CASE_METHOD(WithoutDigest, "a file that was touched and has no digest is fetched again, whole") {
  const auto job = download("big");
  CHECK(publisher.doubts.empty());
  CHECK(threads.tasks.at(job.transfer).published == job::Validators{});
}

TEST_CASE_METHOD(WithoutDigest,
                 "a file that was touched is neither shown nor handed out as what was published") {
  const auto open = [&] {
    return answer_of<std::shared_ptr<control::ResultFile>>(
        [&](auto reply) { service.open_result(first.id, k_user, reply); });
  };
  CHECK(service.catalog("").at(0).path.empty());
  CHECK(is_refused<control::NoResult>(open()));
  const auto job = download("big");
  deliver(job.transfer);
  // It has its name, which is not known here yet.
  CHECK(open());
  publish(job.transfer);
  CHECK(open());
  CHECK_FALSE(service.catalog("").at(0).path.empty());
}

TEST_CASE_METHOD(RunningBench, "a folder that was touched is unpacked anew") {
  configure("[big]\nurl = \"https://one/big\"\ndigest = \"sha256:" + k_hex + "\"\nunpack = true\n");
  const auto first = download("big");
  deliver(first.transfer);
  std::filesystem::create_directory(folder.library("big"));
  publish::Result result;
  struct stat status{};
  REQUIRE(::stat(folder.library("big").c_str(), &status) == 0);
  result.stamp = job::stamp_of(status);
  publication_ends(first.transfer, result);
  CHECK(download("big").state == State::done);
  std::filesystem::create_directory(folder.root() / "other");
  std::filesystem::rename(folder.root() / "other", folder.library("big"));
  CHECK(processes.tasks.contains(download("big").transfer));
  CHECK(publisher.doubts.empty());
}
