// Which descriptors a command may bring.

#include <string>

#include "passed.hpp"
#include "support/temporary_folder.hpp"

using namespace concd;
using namespace concd::worker;

namespace {

Begin example_order() {
  job::Task task;
  task.kept = unnamed_file("kept");
  task.fresh = unnamed_file();
  task.fresh_part = 8;
  return {task, ""};
}

/// Why a command with these descriptors is refused.
std::string why_refused(const Command& command, const std::vector<job::SharedFd>& descriptors) {
  std::vector<int> numbers;
  for (const auto& fd : descriptors) numbers.push_back(fd->get());
  const auto read = decode_command(encode(command), copies(numbers));
  return read ? "" : read.error();
}

}  // namespace

TEST_CASE("an order to unpack reaches the worker whole") {
  const test::TemporaryFolder place;
  const Unpack order{unnamed_file("archive"), open_shared(place.path(), O_RDONLY | O_DIRECTORY), {7, 8}};
  const auto read = command_again(order);
  REQUIRE(read);
  const auto& unpack = std::get<Unpack>(*read);
  CHECK(same_file(unpack.archive, order.archive));
  CHECK(same_file(unpack.folder, order.folder));
  CHECK(unpack.limits == order.limits);
}

TEST_CASE("descriptors that are not what the command names are refused") {
  const test::TemporaryFolder place;
  const auto name = place.write("file", "x");
  const auto file = unnamed_file();
  const auto folder = open_shared(place.path(), O_RDONLY | O_DIRECTORY);
  const auto begin = example_order();
  const Unpack unpack{file, folder, {1, 1}};
  CHECK(why_refused(begin, {file, file}).empty());
  CHECK(why_refused(begin, {}) == "the descriptor kept is missing");
  CHECK(why_refused(begin, {file}) == "the descriptor fresh is missing");
  CHECK(why_refused(begin, {file, file, file}) == "there are more descriptors than the message names");
  CHECK(why_refused(Stop{}, {file}) == "there are more descriptors than the message names");
  CHECK(why_refused(begin, {folder, file}) == "the descriptor kept is not a regular file");
  CHECK(why_refused(begin, {file, open_shared("/dev/null", O_RDWR)}) ==
        "the descriptor fresh is not a regular file");
  CHECK(why_refused(begin, {file, open_shared(name, O_RDONLY)}) ==
        "the descriptor fresh is not open for reading and writing");
  CHECK(why_refused(begin, {file, open_shared(name, O_RDWR | O_APPEND)}) ==
        "the descriptor fresh is not open for reading and writing");
  CHECK(why_refused(unpack, {file, folder}).empty());
  CHECK(why_refused(unpack, {file, file}) == "the descriptor folder is not a folder");
  CHECK(why_refused(unpack, {folder, folder}) == "the descriptor archive is not a regular file");
  CHECK(why_refused(unpack, {open_shared(name, O_WRONLY), folder}) ==
        "the descriptor archive is not open for reading");
  CHECK(why_refused(unpack, {open_shared(name, O_RDONLY), folder}).empty());
}

TEST_CASE("one descriptor is not taken for two") {
  auto text = encode(example_order());
  const auto at = text.find(R"("fresh":1)");
  REQUIRE(at != std::string::npos);
  text.replace(at, 9, R"("fresh":0)");
  const auto file = unnamed_file();
  CHECK(decode_command(text, copies({file->get(), file->get()})).error() ==
        "the descriptor fresh is missing");
}
