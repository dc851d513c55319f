#include <filesystem>

#include "unit/queue/queue_bench.hpp"

using namespace concd;
using namespace concd::test;

namespace {

struct ResultBench : RunningBench {
  Answer<std::shared_ptr<control::ResultFile>> open(job::Id id, const job::Peer& peer = k_user) {
    return answer_of<std::shared_ptr<control::ResultFile>>(
        [&](auto reply) { service.open_result(id, peer, reply); });
  }
  std::string reason(job::Id id) {
    const auto answer = open(id);
    REQUIRE(is_refused<control::NoResult>(answer));
    return std::get<control::NoResult>(answer.error()).reason;
  }
};

}  // namespace

TEST_CASE_METHOD(ResultBench, "the file of a URL is opened for its user alone") {
  const auto job = download();
  deliver(job.transfer);
  publish(job.transfer);
  const auto result = open(job.id);
  REQUIRE(result);
  CHECK((*result)->fd);
  CHECK((*result)->name == "file");
  CHECK((*result)->size == 5);
  CHECK(open(job.id, k_root));
  CHECK(is_refused<control::NotPermitted>(open(job.id, k_other)));
  CHECK(is_refused<control::NoSuchJob>(open(99)));
}

TEST_CASE_METHOD(ResultBench, "a file of the library is opened for all") {
  configure("[big]\nurl = \"https://one/big-2.0\"\n");
  const auto job = download("big");
  fetch(job.transfer);
  const auto result = open(job.id, k_other);
  REQUIRE(result);
  CHECK((*result)->name == "big");
}

TEST_CASE_METHOD(ResultBench, "there is no file to open") {
  const auto job = download();
  CHECK(reason(job.id) == "the job is running");
  fetch(job.transfer);
  SECTION("once it was released") {
    REQUIRE(release(job.id));
    CHECK(reason(job.id) == "its file has been handed over already");
  }
  SECTION("where somebody has removed it") {
    std::filesystem::remove(folder.result(job.transfer));
    CHECK_THAT(reason(job.id), ContainsSubstring("No such file"));
  }
}

TEST_CASE_METHOD(ResultBench, "what was unpacked is a folder, not a file") {
  configure("[big]\nurl = \"https://one/big\"\nunpack = true\n");
  const auto job = download("big");
  fetch(job.transfer);
  CHECK_THAT(reason(job.id), ContainsSubstring("unpacked into the folder"));
}
