#include "client/delivery/records.hpp"

#include <cstdlib>

#include <sys/stat.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "util/file.hpp"

using namespace concd;
using namespace concd::client;
using test::TemporaryFolder;

namespace {

job::View make_job(job::Id id, Microseconds created = Microseconds(1)) {
  job::View job;
  job.id = id;
  job.created = created;
  return job;
}

}  // namespace

TEST_CASE("a place that was written down is found again, byte by byte, for that job only") {
  const TemporaryFolder folder;
  Records records(folder.path() / "state/concd");
  CHECK_FALSE(records.find(make_job(7)));
  records.remember(make_job(7), {"/home/me/a\xFF\nb"});
  records.remember(make_job(8), {"/home/me/c"});
  CHECK(records.find(make_job(7))->output == "/home/me/a\xFF\nb");
  CHECK(records.find(make_job(7))->hidden.empty());
  CHECK_FALSE(records.find(make_job(7, Microseconds(2))));
  records.remember(make_job(7), {"/other"});
  CHECK(records.find(make_job(7))->output == "/other");
  CHECK(std::filesystem::status(folder.path() / "state/concd").permissions() ==
        std::filesystem::perms::owner_all);
}

TEST_CASE("a record that another user could have written does not count") {
  const TemporaryFolder folder;
  const auto state = folder.path() / "concd";
  Records records(state);
  const auto job = make_job(7);
  records.remember(job, {"/a"});
  const auto file = state / "7-1";

  ::chmod(file.c_str(), 0620);
  CHECK_FALSE(records.find(job));
  ::chmod(file.c_str(), 0600);
  CHECK(records.find(job));
  ::chmod(state.c_str(), 0777);
  CHECK_FALSE(records.find(job));
  CHECK_THROWS_AS(Records(state).remember(job, {"/a"}), std::system_error);
  ::chmod(state.c_str(), 0700);

  std::filesystem::rename(file, folder.path() / "elsewhere");
  std::filesystem::create_symlink(folder.path() / "elsewhere", file);
  CHECK_FALSE(records.find(job));
  std::filesystem::remove(file);
  REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
  CHECK_FALSE(records.find(job));
  if (::geteuid() != 0) return;
  std::filesystem::remove(file);
  std::filesystem::rename(folder.path() / "elsewhere", file);
  REQUIRE(::chown(file.c_str(), 1, 1) == 0);
  CHECK_FALSE(records.find(job));
}

TEST_CASE("a record that is empty or says no absolute path does not count") {
  const TemporaryFolder folder;
  Records records(folder.path());
  for (const auto* text : {"", "a", "../a"}) {
    folder.write("7-1", text);
    CHECK_FALSE(records.find(make_job(7)));
  }
  folder.write("7-1", "/" + std::string(5000, 'a'));
  CHECK_FALSE(records.find(make_job(7)));
}

TEST_CASE("the oldest records go when there are too many") {
  const TemporaryFolder folder;
  for (std::size_t i = 0; i < Records::k_limit; ++i) folder.write(std::to_string(i) + "-1", "/a");
  const auto old = folder.path() / "5000-1";
  std::filesystem::last_write_time(old, std::filesystem::last_write_time(old) - std::chrono::hours(1));
  Records(folder.path()).remember(make_job(20'000), {"/a"});
  const auto count = std::distance(std::filesystem::directory_iterator(folder.path()), {});
  CHECK(count == static_cast<std::ptrdiff_t>(Records::k_limit / 2 + 1));
  CHECK_FALSE(std::filesystem::exists(old));
}

TEST_CASE("records are in the user's state folder") {
  ::setenv("HOME", "/home/me", 1);
  ::unsetenv("XDG_STATE_HOME");
  CHECK(records_folder() == "/home/me/.local/state/concd");
  ::setenv("XDG_STATE_HOME", "relative", 1);
  CHECK(records_folder() == "/home/me/.local/state/concd");
  ::setenv("XDG_STATE_HOME", "/state", 1);
  CHECK(records_folder() == "/state/concd");
  ::unsetenv("XDG_STATE_HOME");
}
