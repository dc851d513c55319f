#include "client/delivery/delivery.hpp"

#include <algorithm>

#include <fcntl.h>
#include <sys/stat.h>

#include "client/delivery/destination.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "util/file.hpp"

using namespace concd;
using namespace concd::client;
using namespace std::chrono_literals;
using test::TemporaryFolder;

namespace {

/// The file that a daemon hands over, of `size` bytes that differ from place to place.
std::string content(std::size_t size) {
  std::string text(size, '\0');
  std::uint32_t state = 1;
  for (auto& byte : text) byte = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return text;
}

Finished finished(const TemporaryFolder& folder, const std::string& text, Microseconds mtime = {}) {
  const auto file = folder.write("daemon/result", text);
  return {open_file(file, O_RDONLY), text.size(), mtime};
}

std::filesystem::path deliver(Finished file, const std::filesystem::path& wanted, bool replace = false) {
  Delivery delivery(std::move(file), wanted, replace);
  while (!delivery.step()) continue;
  return delivery.publish();
}

/// Of a job whose file, of five bytes, was fetched before.
FollowedRequest fetched_request() {
  FollowedRequest request;
  request.job.emplace().released = true;
  request.job->progress.received = 5;
  return request;
}

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

struct stat status_of(const std::filesystem::path& path) {
  struct stat status{};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status;
}

class Umask {
 public:
  explicit Umask(mode_t mask) : m_before(::umask(mask)) {}
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;
  ~Umask() { ::umask(m_before); }

 private:
  mode_t m_before;
};

}  // namespace

TEST_CASE("a delivered file is whole, has the server's time and the caller's umask, and is all there is") {
  const TemporaryFolder folder;
  const auto home = folder.path() / "home";
  std::filesystem::create_directory(home);
  const Umask umask(0027);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{5'000'001}}) {
    const auto text = content(size);
    const auto path = deliver(finished(folder, text, 1'000'000'000'123'456us), home / "big.iso", true);
    CHECK(path == home / "big.iso");
    CHECK(read_text(path, 1 << 24) == text);
    const auto status = status_of(path);
    CHECK((status.st_mode & 07777) == 0640);
    CHECK(status.st_mtim.tv_sec == 1'000'000'000);
    CHECK(status.st_mtim.tv_nsec == 123'456'000);
    CHECK(names_in(home) == std::vector<std::string>{"big.iso"});
  }
}

TEST_CASE("what is there is kept, the next free name is taken") {
  const TemporaryFolder folder;
  const auto home = folder.write("home/x", "mine").parent_path();
  CHECK(deliver(finished(folder, "one"), home / "x") == home / "x.1");
  CHECK(deliver(finished(folder, "two"), home / "x") == home / "x.2");
  std::filesystem::create_symlink("nowhere", home / "y");
  CHECK(deliver(finished(folder, "three"), home / "y") == home / "y.1");
  std::filesystem::create_directory(home / "z");
  CHECK(deliver(finished(folder, "four"), home / "z") == home / "z.1");
  CHECK(read_text(home / "x") == "mine");
  CHECK(read_text(home / "x.1") == "one");
  CHECK(read_text(home / "x.2") == "two");
  CHECK(names_in(home) == std::vector<std::string>{"x", "x.1", "x.2", "y", "y.1", "z", "z.1"});
}

TEST_CASE("with force a file is replaced, also one that is open or a link") {
  const TemporaryFolder folder;
  const auto old = folder.write("home/x", "mine");
  const auto open = open_file(old, O_RDONLY);
  CHECK(deliver(finished(folder, "new"), old, true) == old);
  CHECK(read_text(old) == "new");
  CHECK(status_of(old).st_ino != [&] {
    struct stat before{};
    ::fstat(open.get(), &before);
    return before.st_ino;
  }());
  const auto target = folder.write("home/target", "kept");
  std::filesystem::create_symlink(target, old.parent_path() / "link");
  deliver(finished(folder, "new"), old.parent_path() / "link", true);
  CHECK(read_text(target) == "kept");
  CHECK(names_in(old.parent_path()) == std::vector<std::string>{"link", "target", "x"});
}

TEST_CASE("a delivery that is given up or fails leaves nothing behind") {
  const TemporaryFolder folder;
  const auto home = folder.path() / "home";
  std::filesystem::create_directory(home);
  {
    Delivery delivery(finished(folder, "text"), home / "x", false);
  }
  CHECK(names_in(home).empty());

  auto shorter = finished(folder, "text");
  shorter.size = 100;
  CHECK_THROWS_AS(deliver(std::move(shorter), home / "x"), std::system_error);
  CHECK(names_in(home).empty());

  std::filesystem::create_directory(home / "folder");
  CHECK_THROWS_AS(deliver(finished(folder, "text"), home / "folder", true), std::system_error);
  CHECK(names_in(home) == std::vector<std::string>{"folder"});
  CHECK_THROWS_AS(deliver(finished(folder, "text"), home / "missing/x"), std::system_error);
}

TEST_CASE("a file system without nameless files serves as well") {
  const TemporaryFolder folder;
  const auto home = folder.write("home/x", "mine").parent_path();
  const auto publish = [&](bool replace) {
    NewFile file(home, NewFile::Kind::hidden);
    CHECK(names_in(home).front().starts_with(".concctl."));
    write_all(file.fd(), "new", 3, "test");
    return file.publish("x", replace);
  };
  {
    const NewFile given_up(home, NewFile::Kind::hidden);
  }
  CHECK(publish(false) == home / "x.1");
  CHECK(read_text(home / "x") == "mine");
  CHECK(publish(true) == home / "x");
  CHECK(read_text(home / "x") == "new");
  CHECK(names_in(home) == std::vector<std::string>{"x", "x.1"});
}

TEST_CASE("an output that is a folder means into it") {
  const TemporaryFolder folder;
  CHECK(resolve_output(folder.path(), "x") == folder.path() / "x");
  CHECK(resolve_output(folder.path() / "new", "x") == folder.path() / "new");
  CHECK(resolve_output(folder.path() / "new/", "x") == folder.path() / "new/x");
  CHECK(resolve_output("new", "x") == std::filesystem::current_path() / "new");
}

TEST_CASE("a folder that takes no files is found at once") {
  const TemporaryFolder folder;
  CHECK_NOTHROW(check_folder_of(folder.path() / "x"));
  CHECK_THROWS_AS(check_folder_of(folder.path() / "missing/x"), std::system_error);
  CHECK_THROWS_AS(check_folder_of(folder.write("file", "") / "x"), std::system_error);
}

TEST_CASE("who gets a copy: of a URL its owner once, of a name who asked for one") {
  FollowedRequest request;
  auto& job = request.job.emplace();
  job.uid = 1000;
  job.source = "https://h/x";
  CHECK(is_to_be_fetched(request, 1000));
  CHECK(lacks_place(request, 1000));
  CHECK_FALSE(is_to_be_fetched(request, 0));
  job.released = true;
  CHECK_FALSE(is_to_be_fetched(request, 1000));
  request.output = "/a";
  CHECK(is_to_be_fetched(request, 0));
  CHECK_FALSE(lacks_place(request, 0));

  const TemporaryFolder folder;
  request.output.reset();
  job.released = false;
  job.name = "x";
  CHECK_FALSE(is_to_be_fetched(request, 1000));
  request.remembered = folder.write("copy", "12345");
  CHECK(is_to_be_fetched(request, 1000));
  CHECK_FALSE(lacks_place(request, 1000));
  // The very file, by size and time, need not be copied again.
  const auto status = status_of(*request.remembered);
  job.mtime = std::chrono::seconds(status.st_mtim.tv_sec) + Microseconds(status.st_mtim.tv_nsec / 1000);
  job.progress.received = 5;
  CHECK_FALSE(is_to_be_fetched(request, 1000));
  job.progress.received = 6;
  CHECK(is_to_be_fetched(request, 1000));
}

TEST_CASE("what has failed lacks no place") {
  FollowedRequest request;
  request.job.emplace().uid = 1000;
  for (const auto state : {job::State::failed, job::State::cancelled}) {
    request.job->state = state;
    CHECK_FALSE(lacks_place(request, 1000));
  }
}

TEST_CASE("the place of a file that was fetched is that of this very file, by size and time") {
  const TemporaryFolder folder;
  auto request = fetched_request();
  request.job->mtime = 1'000'000'000s;
  request.remembered = folder.path() / "home/x";
  CHECK(place_of(request).empty());
  folder.write("home/x", "other");
  CHECK(place_of(request).empty());
  const auto copy = deliver(finished(folder, "mine!", request.job->mtime), *request.remembered);
  CHECK(copy == folder.path() / "home/x.1");
  CHECK(place_of(request) == copy);
  request.job->progress.received = 6;
  CHECK(place_of(request).empty());
}

TEST_CASE("the place of a file whose server told no time is that of one made since, by its size") {
  const TemporaryFolder folder;
  auto request = fetched_request();
  request.remembered = folder.write("home/x", "older");
  request.job->finished = SystemClock().realtime() + 1h;
  CHECK(place_of(request).empty());
  request.job->finished = SystemClock().realtime();
  const auto copy = deliver(finished(folder, "mine!"), *request.remembered, true);
  CHECK(place_of(request) == copy);
}

TEST_CASE("a place is found where the file system stores even seconds only") {
  const TemporaryFolder folder;
  auto request = fetched_request();
  request.job->mtime = 1'000'000'001s;
  request.remembered = deliver(finished(folder, "mine!", 1'000'000'000s), folder.path() / "x");
  CHECK(place_of(request) == *request.remembered);
}

TEST_CASE(
    "a copy goes to where it was asked for, else to the remembered path, never to where the daemon says") {
  FollowedRequest request;
  request.job.emplace().output = "/daemon";
  request.remembered = "/a/b";
  CHECK(target_of(request, "x") == "/a/b");
  request.output = "/c";
  CHECK(target_of(request, "x") == "/c");
}
