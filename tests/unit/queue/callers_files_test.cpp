#include "queue/callers_files.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "unit/queue/queue_bench.hpp"
#include "util/file.hpp"
#include "util/scope_exit.hpp"

using namespace concd;
using namespace concd::test;
using Objection = queue::CallersFiles::Objection;

namespace {

struct FilesBench {
  TemporaryFolder folder;
  FakeDescriptors descriptors;
  queue::CallersFiles files;

  FilesBench() {
    files.attach(descriptors);
    files.set_limit(2);
  }
  std::optional<Objection> objection(UniqueFd file, uid_t uid = ::getuid()) {
    auto usable = files.look_over(ReceivedFd(std::move(file)), uid);
    return usable ? std::nullopt : std::optional(usable.error());
  }
  std::optional<Objection> objection(int flags, uid_t uid = ::getuid()) {
    return objection(open_file(folder.write("f", "text"), flags), uid);
  }
  job::SharedFd open(const std::string& name) {
    return std::make_shared<const UniqueFd>(opened(folder.path() / name).take());
  }
};

}  // namespace

TEST_CASE_METHOD(FilesBench,
                 "only a regular file of the caller's own is written to, and where it is told to") {
  CHECK_FALSE(objection(O_RDWR));
  CHECK(objection(O_RDONLY) == Objection::unusable);
  CHECK(objection(O_WRONLY) == Objection::unusable);
  CHECK(objection(O_RDWR | O_APPEND) == Objection::unusable);
  CHECK(objection(O_PATH) == Objection::unusable);
  CHECK(objection(O_RDWR, ::getuid() + 1) == Objection::unusable);
  CHECK(objection(open_file(folder.path(), O_RDONLY | O_DIRECTORY)) == Objection::unusable);
}

TEST_CASE_METHOD(FilesBench, "nothing is written to what is on no disk of this machine") {
  CHECK(objection(open_file("/proc/self/comm", O_RDWR)) == Objection::declined);
  int ends[2]{};
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const UniqueFd other(ends[1]);
  CHECK(objection(UniqueFd(ends[0])) == Objection::declined);
}

TEST_CASE_METHOD(FilesBench, "a user has so many, and gets room again") {
  const auto one = files.hold(1, ::getuid(), open("1")), two = files.hold(2, ::getuid(), open("2"));
  CHECK(objection(O_RDWR) == Objection::declined);
  files.release(two);
  CHECK_FALSE(objection(O_RDWR));
  CHECK(files.find(one));
  CHECK_FALSE(files.find(two));
  CHECK_NOTHROW(files.release(two));
}

TEST_CASE_METHOD(FilesBench, "all users together have half of what the process may open") {
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const ScopeExit reset([&] { ::setrlimit(RLIMIT_NOFILE, &before); });
  const rlimit few{64, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
  files.set_limit(1000);
  const auto file = open("f");
  for (job::Id job = 1; job <= 32; ++job) {
    CHECK_FALSE(objection(O_RDWR));
    (void)files.hold(job, 5000 + static_cast<uid_t>(job), file);
  }
  CHECK(objection(O_RDWR) == Objection::declined);
}

TEST_CASE_METHOD(FilesBench, "one that comes back is the same file, with all that was written down") {
  job::Transfer transfer;
  transfer.into = files.hold(1, ::getuid(), open("f"));
  files.release(transfer.into);
  CHECK_FALSE(files.hold_again(transfer, open("another")));
  CHECK_FALSE(files.find(transfer.into));
  transfer.checkpoint.part = job::CallersFile::k_part;
  transfer.checkpoint.set_durable(4);
  CHECK_FALSE(files.hold_again(transfer, open("f")));
  REQUIRE(::ftruncate(open("f")->get(), 4) == 0);
  CHECK(files.hold_again(transfer, open("f")));
  CHECK(files.find(transfer.into));
}

TEST_CASE_METHOD(FilesBench, "what is worth a restart is kept once, and dropped with its transfer") {
  const auto known = files.hold(7, ::getuid(), open("f"));
  CHECK(descriptors.kept.empty());
  files.keep(known);
  files.keep(known);
  CHECK(descriptors.kept == std::set<job::Id>{7});
  files.release(known);
  CHECK(descriptors.kept.empty());
}
