#include <chrono>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "util/file.hpp"
#include "wire.hpp"

using namespace concd;
using namespace concd::control;
using nlohmann::json;

namespace {

std::string frame(const std::string& method, const json& parameters) {
  return protocol::encode_frame(json{{"method", "io.concd." + method}, {"parameters", parameters}}.dump());
}

struct DescriptorsBench {
  Wire wire;
  Caller caller{wire};
  test::TemporaryFolder folder;

  UniqueFd open(const std::string& name) const { return open_file(folder.path() / name, O_RDWR | O_CREAT); }
  static ino_t inode(const UniqueFd& fd) {
    struct stat status{};
    REQUIRE(::fstat(fd.get(), &status) == 0);
    return status.st_ino;
  }
};

}  // namespace

TEST_CASE_METHOD(DescriptorsBench, "a descriptor comes with the call that it was sent with") {
  const auto one = open("one"), two = open("two");
  // The call before it is read together with it.
  caller.send(frame("Status", json::object()));
  caller.send(frame("Download", {{"source", "http://h/one"}, {"file", 0}}), {one.get()});
  CHECK(caller.receive().contains("parameters"));
  CHECK(caller.receive().contains("parameters"));
  CHECK(wire.backend.file == inode(one));
  caller.send(frame("Attach", {{"id", 1}, {"file", 0}}), {two.get()});
  CHECK(caller.receive().contains("parameters"));
  CHECK(wire.backend.file == inode(two));
  CHECK(wire.backend.calls.back().starts_with("attach 1"));
}

TEST_CASE_METHOD(DescriptorsBench, "a descriptor comes with the frame also when that comes in pieces") {
  const auto file = open("file");
  const auto text = frame("Download", {{"source", "http://h/f"}, {"file", 0}});
  caller.send(text.substr(0, 10), {file.get()});
  wire.settle();
  caller.send(text.substr(10));
  CHECK(caller.receive().contains("parameters"));
  CHECK(wire.backend.file == inode(file));
}

TEST_CASE_METHOD(DescriptorsBench, "who hands over no descriptor is told which parameter is wrong") {
  CHECK(caller.ask("io.concd.Download", {{"source", "http://h/f"}, {"file", 0}})["parameters"] ==
        json{{"parameter", "file"}});
  const auto file = open("file");
  caller.send(frame("Download", {{"source", "http://h/f"}, {"file", 1}}), {file.get()});
  CHECK(caller.receive()["parameters"] == json{{"parameter", "file"}});
  CHECK(caller.ask("io.concd.Attach", {{"id", 1}, {"file", 0}})["parameters"] == json{{"parameter", "file"}});
  CHECK(wire.backend.calls.empty());
}

TEST_CASE_METHOD(DescriptorsBench, "descriptors that nobody asked for are closed") {
  const auto file = open("file");
  CHECK(caller.ask("io.concd.Status").contains("parameters"));
  const auto before = open_descriptors();
  for (int i = 0; i < 100; ++i) {
    caller.send(frame("Status", json::object()), std::vector<int>(8, file.get()));
    CHECK(caller.receive().contains("parameters"));
  }
  // Within one frame as well, which never ends.
  for (int i = 0; i < 100; ++i) caller.send("{", {file.get()});
  wire.settle();
  // Those of the unfinished frame stay; threads close the others.
  CHECK(open_descriptors() <= before + 4 + 16);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (open_descriptors() > before + 4 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  CHECK(open_descriptors() <= before + 4);
}
