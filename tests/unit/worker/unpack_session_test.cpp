#include "worker/process/unpack_session.hpp"

#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "archive_maker.hpp"
#include "in_child.hpp"
#include "protocol/frame.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "util/errno_error.hpp"
#include "util/file.hpp"

using namespace concd;
using namespace concd::worker;
namespace fs = std::filesystem;

namespace {

/// An archive, a folder for what it holds, and both ends of a worker's socket.
struct Place {
  Place() {
    fs::create_directory(folder.path() / "out");
    std::array<int, 2> pair{};
    check_errno(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), "socketpair");
    ours.reset(pair[0]);
    theirs.reset(pair[1]);
  }

  [[nodiscard]] Unpack order() const {
    const auto shared = [](UniqueFd fd) { return std::make_shared<const UniqueFd>(std::move(fd)); };
    return {shared(open_file(folder.path() / "archive", O_RDWR)),
            shared(open_file(folder.path() / "out", O_RDONLY | O_DIRECTORY)),
            {1 << 20, 100}};
  }

  /// What the child reported before it ended.
  Unpacked report() {
    theirs.reset();
    protocol::FrameReader reader;
    std::array<char, 4096> buffer{};
    const auto count = ::read(ours.get(), buffer.data(), buffer.size());
    REQUIRE(count > 0);
    REQUIRE(reader.feed({buffer.data(), static_cast<std::size_t>(count)}));
    auto report = decode_report(reader.next().value()).value();
    while (std::holds_alternative<Alive>(report)) report = decode_report(reader.next().value()).value();
    return std::get<Unpacked>(report);
  }

  test::TemporaryFolder folder;
  UniqueFd ours, theirs;
};

/// A kernel that has no seccomp(2) for this process.
void take_seccomp_away() {
  auto* filter = seccomp_init(SCMP_ACT_ALLOW);
  seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(seccomp), 0);
  seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 0);
  if (seccomp_load(filter) != 0) ::_exit(77);
}

}  // namespace

TEST_CASE("an order is carried out, and reported, by a process that cannot make a socket after that") {
  Place place;
  ArchiveMaker(place.folder.path() / "archive", ArchiveMaker::Format::tar_gzip).file("sub/file", "text");
  // Refused where a sanitizer needs other calls to be possible, and else the death of it.
  const auto refused = exit_code_of([&] {
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    run_unpack_session(place.order(), place.theirs.get());
    return ::socket(AF_INET, SOCK_STREAM, 0) < 0 && errno == EPERM ? 0 : 1;
  });
  CHECK((refused == 0 || refused == -1));
  CHECK_FALSE(place.report().failure);
  CHECK(read_text(place.folder.path() / "out/sub/file") == "text");
}

TEST_CASE("an archive that is refused is reported as such") {
  Place place;
  place.folder.write("archive", "<html>");
  CHECK(exit_code_of([&] {
          run_unpack_session(place.order(), place.theirs.get());
          return 0;
        }) == 0);
  const auto report = place.report();
  REQUIRE(report.failure);
  CHECK(report.failure->kind == job::FailureKind::verification);
}

TEST_CASE("where the network cannot be given up nothing is unpacked") {
  Place place;
  ArchiveMaker(place.folder.path() / "archive", ArchiveMaker::Format::tar_gzip).file("file", "text");
  REQUIRE(exit_code_of([&] {
            take_seccomp_away();
            run_unpack_session(place.order(), place.theirs.get());
            return 0;
          }) == 0);
  const auto report = place.report();
  REQUIRE(report.failure);
  CHECK(report.failure->retry_class == job::RetryClass::local_resource);
  CHECK_THAT(report.failure->message, ContainsSubstring("cannot be unpacked without network"));
  CHECK(fs::is_empty(place.folder.path() / "out"));
}
