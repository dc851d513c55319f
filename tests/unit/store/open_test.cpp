#include "store/open.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/sqlite/error.hpp"
#include "store/error.hpp"
#include "store/schema.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "util/file.hpp"

using namespace concd;
namespace fs = std::filesystem;

namespace {

/// Opening must fail with a sentence that holds `text` and the file's name, and change no byte of the file.
void check_refused(const fs::path& file, const std::string& text) {
  const auto before = read_text(file, 16 << 20);
  const auto time = fs::last_write_time(file);
  try {
    (void)store::open_database(file);
    FAIL("the file was opened");
  } catch (const store::StoreError& error) {
    CHECK_THAT(error.what(), ContainsSubstring(file.string()));
    CHECK_THAT(error.what(), ContainsSubstring(text));
  }
  CHECK(read_text(file, 16 << 20) == before);
  CHECK(fs::last_write_time(file) == time);
}

/// What a kill -9 leaves behind: the file and its log as they are in the middle of the work.
fs::path crashed_copy(const test::TemporaryFolder& folder, const std::string& sql) {
  const auto file = folder.path() / "live.db";
  const auto copy = folder.path() / "queue.db";
  auto database = store::open_database(file);
  database.execute(sql);
  fs::copy_file(file, copy);
  fs::copy_file(file.string() + "-wal", copy.string() + "-wal");
  return copy;
}

constexpr auto k_add_artifacts =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
    " INSERT INTO artifact SELECT 'name' || i, 'url', '', '', i, '', i, i, i, i FROM n";

}  // namespace

TEST_CASE("a new database is for its owner alone, durable, and ready for work") {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "queue.db";
  auto database = store::open_database(file);
  database.execute(k_add_artifacts);  // with this there is a log
  struct stat status{};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);
  REQUIRE(::stat((file.string() + "-wal").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);
  CHECK(database.text("PRAGMA journal_mode") == "wal");
  CHECK(database.integer("PRAGMA synchronous") == 2);  // FULL
  CHECK(database.integer("PRAGMA foreign_keys") == 1);
  CHECK(database.text("PRAGMA locking_mode") == "exclusive");
  CHECK(database.integer("PRAGMA journal_size_limit") == 16 << 20);
  CHECK(database.integer("PRAGMA user_version") == static_cast<std::int64_t>(store::migrations().size()));
}

TEST_CASE("closing leaves one file, without a log") {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "queue.db";
  {
    auto database = store::open_database(file);
    database.execute(k_add_artifacts);
  }
  CHECK_FALSE(fs::exists(file.string() + "-wal"));
  CHECK_FALSE(fs::exists(file.string() + "-shm"));
  CHECK(store::open_database(file).integer("SELECT count(*) FROM artifact") == 2000);
}

TEST_CASE("a database that lost its log with the power has one from the start") {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "queue.db";
  (void)store::open_database(file);
  REQUIRE(sqlite::Database(file).text("PRAGMA journal_mode = DELETE") == "delete");
  const auto database = store::open_database(file);
  CHECK(fs::exists(file.string() + "-wal"));
}

TEST_CASE("what was committed before a crash is there after it") {
  const test::TemporaryFolder folder;
  const auto file = crashed_copy(folder, k_add_artifacts);
  CHECK(store::open_database(file).integer("SELECT count(*) FROM artifact") == 2000);
}

TEST_CASE("a second process is told that the database is in use") {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "queue.db";
  auto first = store::open_database(file);
  const auto child = ::fork();
  if (child == 0) {
    try {
      (void)store::open_database(file);
      ::_exit(1);
    } catch (const store::StoreError& error) {
      ::_exit(std::string_view(error.what()).find("in use") != std::string_view::npos ? 0 : 2);
    }
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK_NOTHROW(first.execute(k_add_artifacts));
}

TEST_CASE("a database of a newer version is refused untouched") {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "queue.db";
  store::open_database(file).execute("PRAGMA user_version = 99");
  check_refused(file, "newer concd (schema 99");
  CHECK_FALSE(fs::exists(file.string() + "-wal"));
}

TEST_CASE("a newer version that is only in the log yet is refused untouched") {
  const test::TemporaryFolder folder;
  const auto file = crashed_copy(folder, "PRAGMA user_version = 99");
  const auto log = read_text(file.string() + "-wal", 16 << 20);
  check_refused(file, "newer concd (schema 99");
  CHECK(read_text(file.string() + "-wal", 16 << 20) == log);
}

TEST_CASE("what is not a database of concd is refused untouched") {
  const test::TemporaryFolder folder;
  check_refused(folder.write("text", "a letter to my aunt"), "not a queue of concd");
  check_refused(folder.write("long", std::string(10'000, 'x')), "not a queue of concd");
  check_refused(folder.write("short", std::string("SQLite format 3\0", 16)), "not a queue of concd");
  const auto other = folder.write("other.db", "");
  sqlite::Database(other).execute("CREATE TABLE a (x); PRAGMA application_id = 1234");
  check_refused(other, "not a queue of concd");
}

TEST_CASE("a log that outlived its database is not taken for one of the next") {
  const test::TemporaryFolder folder;
  const auto file = crashed_copy(folder, k_add_artifacts);
  fs::remove(file);
  CHECK(store::open_database(file).integer("SELECT count(*) FROM artifact") == 0);
}

TEST_CASE("what a loss of power left in the middle of making a database is no hindrance and goes") {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "queue.db";
  const bool made_since = GENERATE(false, true);
  if (made_since) (void)store::open_database(file);
  folder.write("queue.db.new", std::string(4096, '\0'));
  folder.write("queue.db.new-journal", "half a journal");
  CHECK(store::open_database(file).integer("PRAGMA user_version") > 0);
  CHECK_FALSE(fs::exists(file.string() + ".new"));
  CHECK_FALSE(fs::exists(file.string() + ".new-journal"));
}

TEST_CASE("a folder in the place of the database is refused") {
  const test::TemporaryFolder folder;
  CHECK_THROWS_AS(store::open_database(folder.path()), store::StoreError);
}

TEST_CASE("a missing folder is named") {
  const test::TemporaryFolder folder;
  CHECK_THROWS_WITH(store::open_database(folder.path() / "missing" / "queue.db"),
                    ContainsSubstring("cannot be made"));
}

TEST_CASE("a damaged database is refused untouched") {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "queue.db";
  store::open_database(file).execute(k_add_artifacts);
  auto bytes = read_text(file, 16 << 20);

  SECTION("a page of a table is overwritten") {
    for (std::size_t page = 8; page < 24; ++page) bytes.replace(page * 4096, 4096, 4096, '\xA5');
  }
  SECTION("the end is cut off") {
    bytes.resize(bytes.size() / 2 / 4096 * 4096);
  }
  SECTION("the schema is overwritten") {
    bytes.replace(100, 3996, 3996, '\xA5');
  }
  check_refused(folder.write("queue.db", bytes), "is damaged");
}
