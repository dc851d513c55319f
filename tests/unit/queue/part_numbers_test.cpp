#include <unistd.h>

#include "queue/parts.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace concd;
using queue::Live;
using queue::Record;

namespace {

/// A transfer, and the attempts that it is tried by.
struct Attempts {
  Attempts() {
    folder.prepare();
    record.transfer.id = 7;
  }

  /// Begins one; the number of its fresh file.
  std::uint32_t begin() {
    record.live = std::make_unique<Live>();
    parts.open(record);
    return record.live->fresh_part;
  }
  void end(const job::Checkpoint& checkpoint) {
    record.transfer.checkpoint = checkpoint;
    parts.keep_only(record, checkpoint.part);
  }
  [[nodiscard]] bool has(std::uint32_t part) const {
    return std::filesystem::exists(folder.partial(7, part));
  }

  test::TemporaryFolder root;
  library::StateFolder folder{root.path()};
  queue::CallersFiles files;
  queue::Parts parts{folder, files};
  Record record;
};

job::Checkpoint checkpoint_of(std::uint32_t part) {
  job::Checkpoint checkpoint;
  checkpoint.part = part;
  checkpoint.set_durable(1);
  return checkpoint;
}

}  // namespace

TEST_CASE("an attempt gets what an earlier one has left, and an empty file beside it") {
  Attempts attempts;
  const auto first = attempts.begin();
  CHECK_FALSE(attempts.record.live->kept);
  REQUIRE(::pwrite(attempts.record.live->fresh->get(), "x", 1, 0) == 1);
  attempts.end(checkpoint_of(first));
  const auto second = attempts.begin();
  char byte = 0;
  CHECK(::pread(attempts.record.live->kept->get(), &byte, 1, 0) == 1);
  CHECK(::pread(attempts.record.live->fresh->get(), &byte, 1, 0) == 0);
  attempts.end(checkpoint_of(first));
  CHECK(attempts.has(first));
  CHECK_FALSE(attempts.has(second));
}

TEST_CASE("no two partial files of a transfer get the same number") {
  Attempts attempts;
  SECTION("when what an attempt left is worth nothing") {
    const auto first = attempts.begin();
    attempts.end({});
    CHECK(attempts.begin() != first);
  }
  SECTION("when what the row names is gone") {
    attempts.record.transfer.checkpoint = checkpoint_of(3);
    CHECK(attempts.begin() != 3);
    CHECK(attempts.record.transfer.checkpoint == job::Checkpoint());
    attempts.end({});
    CHECK(attempts.begin() != 3);
  }
  SECTION("when a fresh file was begun in vain") {
    const auto first = attempts.begin();
    attempts.end(checkpoint_of(first));
    const auto second = attempts.begin();
    attempts.end(checkpoint_of(first));
    const auto third = attempts.begin();
    CHECK(third != first);
    CHECK(third != second);
  }
}
