#include "queue/parts.hpp"

#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "unit/queue/queue_bench.hpp"

using namespace concd;

namespace {

struct PartsBench {
  PartsBench() {
    folder.prepare();
    record.transfer.id = 7;
    record.live = std::make_unique<queue::Live>();
  }
  void keep(std::uint32_t part) {
    std::ofstream(folder.partial(7, part)) << "kept";
    record.transfer.checkpoint.part = part;
    record.transfer.checkpoint.set_durable(4);
  }
  bool has(std::uint32_t part) const { return std::filesystem::exists(folder.partial(7, part)); }

  test::TemporaryFolder root;
  library::StateFolder folder{root.path()};
  queue::Record record;
  queue::CallersFiles files;
  queue::Parts parts{folder, files};
};

std::string text_of(const job::SharedFd& file) {
  std::string text(10, '\0');
  const auto length = ::pread(file->get(), text.data(), text.size(), 0);
  text.resize(static_cast<std::size_t>(length));
  return text;
}

}  // namespace

TEST_CASE_METHOD(PartsBench, "a first attempt has an empty file and nothing kept") {
  parts.open(record);
  CHECK_FALSE(record.live->kept);
  CHECK(record.live->fresh_part == 1);
  CHECK(text_of(record.live->fresh).empty());
}

TEST_CASE_METHOD(PartsBench, "a further attempt has what is kept, and an empty file beside it") {
  keep(3);
  parts.open(record);
  CHECK(text_of(record.live->kept) == "kept");
  CHECK(record.live->fresh_part == 4);
  CHECK(has(4));
  SECTION("what it continued is delivered") {
    CHECK(queue::Parts::delivered(record) == record.live->kept);
    parts.keep_only(record, 3);
    CHECK(has(3));
    CHECK_FALSE(has(4));
  }
  SECTION("what it began anew is delivered") {
    record.transfer.checkpoint.part = 4;
    CHECK(queue::Parts::delivered(record) == record.live->fresh);
    parts.keep_only(record, 4);
    CHECK_FALSE(has(3));
    CHECK(has(4));
  }
  SECTION("nothing is worth keeping") {
    parts.keep_only(record, 0);
    CHECK_FALSE(has(3));
    CHECK_FALSE(has(4));
  }
}

TEST_CASE_METHOD(PartsBench,
                 "a caller's file is the first partial file, as long as nothing of it was recorded") {
  auto file = std::make_shared<const UniqueFd>(test::opened(root.path() / "own").take());
  record.transfer.into = files.hold(5, ::getuid(), file);
  REQUIRE(::write(file->get(), "left", 4) == 4);
  parts.open(record);
  CHECK(record.live->fresh == file);
  CHECK(record.live->fresh_part == job::CallersFile::k_part);
  CHECK(text_of(file).empty());
  CHECK_FALSE(has(1));
  SECTION("an attempt that has brought nothing leaves it for the next one") {
    parts.keep_only(record, 0);
    parts.open(record);
    CHECK(record.live->fresh == file);
  }
  SECTION("what it has brought is continued, with a file of the state folder beside it") {
    record.transfer.checkpoint.part = job::CallersFile::k_part;
    record.transfer.checkpoint.set_durable(4);
    REQUIRE(::write(file->get(), "kept", 4) == 4);
    CHECK(queue::Parts::is_in_place(record.transfer));
    CHECK(queue::Parts::delivered(record) == file);
    parts.open(record);
    CHECK(record.live->kept == file);
    CHECK(record.live->fresh_part == 2);
    CHECK(has(2));
    // It could not be continued: what a crash would find recorded is never taken for the new bytes.
    parts.keep_only(record, 2);
    CHECK(::lseek(file->get(), 0, SEEK_END) == 0);
    record.transfer.checkpoint = {};
    parts.open(record);
    CHECK(record.live->fresh != file);
    CHECK(record.live->fresh_part == 3);
  }
}

TEST_CASE_METHOD(PartsBench, "a checkpoint whose file is gone is forgotten") {
  keep(3);
  std::filesystem::remove(folder.partial(7, 3));
  parts.open(record);
  CHECK(record.transfer.checkpoint == job::Checkpoint{});
  CHECK_FALSE(record.live->kept);
  CHECK(record.live->kept_part == 0);
}

TEST_CASE_METHOD(PartsBench, "without an attempt nothing is removed but what the checkpoint names") {
  keep(3);
  record.live.reset();
  parts.keep_only(record, 0);
  CHECK(has(3));
  parts.remove(record.transfer);
  CHECK_FALSE(has(3));
  record.transfer.checkpoint = {};
  CHECK_NOTHROW(parts.remove(record.transfer));
}
