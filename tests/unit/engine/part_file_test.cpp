#include "engine/part_file.hpp"

#include <system_error>

#include <fcntl.h>

#include "bench.hpp"
#include "engine/received.hpp"
#include "support/catch.hpp"
#include "util/file.hpp"

using namespace concd;
using namespace concd::test;
using engine::PartFile;
using engine::Received;

TEST_CASE("a partial file is written, measured, shortened and synced by its descriptor alone") {
  Bench bench;
  const auto number = bench.new_part("");
  std::filesystem::rename(bench.path(number), bench.folder() / "moved");
  PartFile file(bench.part(number), number);
  file.reserve(0, 1 << 20);
  CHECK(file.size() == 0);
  file.write(0, "hello ");
  file.write(6, "world");
  CHECK(file.size() == 11);
  CHECK(file.synced().empty());
  file.sync({{0, 6}, {7, 4}});
  CHECK(file.synced() == job::Extents{{0, 6}, {7, 4}});
  file.shorten(5);
  CHECK(file.synced() == job::Extents{{0, 5}});
  CHECK(read(bench.folder() / "moved") == "hello");
}

TEST_CASE("what fails names the partial file by its number") {
  Bench bench;
  write(bench.folder() / "file", "");
  const auto read_only = std::make_shared<const UniqueFd>(open_file(bench.folder() / "file", O_RDONLY));
  PartFile file(read_only, 17);
  try {
    file.write(0, "x");
    FAIL("it was written");
  } catch (const std::system_error& error) {
    CHECK_THAT(error.what(), ContainsSubstring("cannot write partial file 17"));
  }
}

TEST_CASE("after a failed sync nothing of the file is believed any more") {
  Bench bench;
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const UniqueFd reader(ends[0]);
  PartFile file(std::make_shared<const UniqueFd>(ends[1]), 1);
  // fsync(2) of a pipe fails with EINVAL.
  CHECK_THROWS_AS(file.sync({{0, 5}}), std::system_error);
  CHECK(file.synced().empty());
  CHECK_THROWS_AS(file.sync({{0, 5}}), std::system_error);
  try {
    file.write(0, "x");
    FAIL("it was written");
  } catch (const std::system_error& error) {
    CHECK(error.code().value() == EINVAL);
    CHECK_THAT(error.what(), ContainsSubstring("cannot sync"));
  }
}

TEST_CASE("bytes that begin anew are counted and digested, and none of them is synced") {
  Bench bench;
  const auto number = bench.new_part("");
  const auto expected = sha256("hello world");
  auto received = Received::anew(bench.part(number), {number, "http://h/f", {{0, 3}}, 11, {}}, expected);
  received.count(11);
  CHECK(received.written().empty());
  received.write(0, "hello ");
  received.write(6, "world");
  CHECK(received.written() == job::Extents{{0, 11}});
  CHECK(received.fetched() == 11);
  CHECK(received.continued().empty());
  CHECK(received.checkpoint() == job::Checkpoint{number, "http://h/f", {}, 11, {}});
  CHECK(received.finish_digest() == expected.hex);
}

TEST_CASE("bytes may come in any order, but then nobody makes their digest") {
  Bench bench;
  const auto number = bench.new_part("");
  auto received =
      Received::anew(bench.part(number), {number, "http://h/f", {}, 11, {}}, sha256("hello world"));
  received.write(6, "world");
  CHECK(received.written() == job::Extents{{6, 5}});
  received.write(0, "hello ");
  CHECK(received.written() == job::Extents{{0, 11}});
  CHECK(bench.bytes(number) == "hello world");
  CHECK(received.finish_digest().empty());
}

TEST_CASE("bytes that go on begin after the durable ones; the last may be asked for again") {
  Bench bench;
  const auto number = bench.new_part("hello, garbage");
  const job::Checkpoint kept{number, "http://h/f", {{0, 6}}, 11, {"\"1\"", ""}};
  const std::uint64_t offset = GENERATE(5, 6);
  auto received = Received::onward(bench.part(number), kept);
  CHECK(bench.bytes(number) == "hello,");
  const std::string_view text = ",world";
  received.count(11 - offset);
  received.write(offset, text.substr(offset - 5));
  CHECK(bench.bytes(number) == "hello,world");
  CHECK(received.written() == job::Extents{{0, 11}});
  CHECK(received.fetched() == 11 - offset);
  CHECK(received.continued() == kept.extents);
  CHECK(received.checkpoint() == kept);
  received.file()->sync(received.written());
  CHECK(received.checkpoint().extents == std::vector<job::Extent>{{0, 11}});
  CHECK(received.finish_digest().empty());
}

TEST_CASE("the digest of a file is read from its first byte, whatever its offset") {
  Bench bench;
  const auto text = noise(3'000'000);
  const auto number = bench.new_part(text);
  const auto fd = bench.part(number)->get();
  REQUIRE(::lseek(fd, 100, SEEK_SET) == 100);
  std::atomic<bool> stop{false};
  CHECK(openssl::digest_of(fd, "sha256", text.size(), stop) == sha256(text).hex);
  CHECK(openssl::digest_of(fd, "sha256", 7, stop) == sha256(text.substr(0, 7)).hex);
  CHECK(openssl::digest_of(fd, "sha256", 0, stop) == sha256("").hex);
  CHECK(::lseek(fd, 0, SEEK_CUR) == 100);
  CHECK_THROWS_AS(openssl::digest_of(fd, "sha256", text.size() + 1, stop), std::system_error);
  stop = true;
  CHECK_FALSE(openssl::digest_of(fd, "sha256", text.size(), stop));
}

TEST_CASE("a sync claims no more than the file has when it was shortened meanwhile") {
  Bench bench;
  const auto number = bench.new_part("hello world");
  PartFile file(bench.part(number), number);
  file.shorten(5);
  CHECK(file.sync({{0, 3}, {4, 7}}) == job::Extents{{0, 3}, {4, 1}});
  CHECK(file.synced() == job::Extents{{0, 3}, {4, 1}});
}

TEST_CASE("a file that was handed over is not synced behind the back of who has it now") {
  Bench bench;
  const auto number = bench.new_part("hello");
  PartFile file(bench.part(number), number);
  file.hand_over();
  CHECK_THROWS_AS(file.sync({{0, 5}}), std::system_error);
  CHECK(file.synced().empty());
}

TEST_CASE("a file whose sync has failed is not handed over") {
  const auto null = std::make_shared<const UniqueFd>(::open("/dev/null", O_RDWR | O_CLOEXEC));
  PartFile file(null, 1);
  CHECK_THROWS_AS(file.sync({}), std::system_error);
  CHECK_THROWS_AS(file.hand_over(), std::system_error);
}
