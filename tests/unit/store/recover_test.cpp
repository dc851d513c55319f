#include "store/recover.hpp"

#include <fstream>

#include "file_size_limit.hpp"
#include "lib/sqlite/transaction.hpp"
#include "sample_job.hpp"
#include "store/error.hpp"
#include "store/open.hpp"
#include "store/queries.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "util/file.hpp"

using namespace concd;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t k_jobs = 500;
constexpr std::size_t k_page = 4096;

std::string bytes_of(const fs::path& file) {
  return read_text(file, 64 << 20);
}

/// A queue of 500 jobs and the artifacts "a" and "b".
fs::path make_queue(const test::TemporaryFolder& folder) {
  auto file = folder.path() / "queue.db";
  auto database = store::open_database(file);
  store::Queries queries(database);
  sqlite::Transaction transaction(database);
  for (std::size_t i = 0; i < k_jobs; ++i) queries.insert_job(test::new_job());
  queries.put_artifact({"a", "http://a", {"\"1\"", ""}, 1, "", Microseconds(1)});
  queries.put_artifact({"b", "http://b", {"", "yesterday"}, 2, "", Microseconds(2)});
  transaction.commit();
  return file;
}

void overwrite(const fs::path& file, std::size_t offset, std::size_t size) {
  auto bytes = bytes_of(file);
  REQUIRE(bytes.size() >= offset + size);
  bytes.replace(offset, size, size, '\xA5');
  std::ofstream(file, std::ios::binary) << bytes;
}

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), {}));
}

}  // namespace

TEST_CASE("a whole queue needs no recovery and is left as it is") {
  const test::TemporaryFolder folder;
  const auto file = make_queue(folder);
  const auto before = bytes_of(file);
  CHECK_FALSE(store::recover(file));
  CHECK(bytes_of(file) == before);
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("where there is no queue there is nothing to recover") {
  const test::TemporaryFolder folder;
  CHECK_FALSE(store::recover(folder.path() / "queue.db"));
  CHECK(files_in(folder.path()) == 0);
}

TEST_CASE("of a queue with a damaged page all jobs but those of the page are recovered") {
  const test::TemporaryFolder folder;
  const auto file = make_queue(folder);
  overwrite(file, 20 * k_page, k_page);
  const auto damaged = bytes_of(file);
  REQUIRE_THROWS_AS(store::open_database(file), store::DamagedError);

  const auto recovered = store::recover(file);
  REQUIRE(recovered);
  CHECK(bytes_of(recovered->aside) == damaged);
  CHECK(recovered->jobs < k_jobs);
  CHECK(recovered->jobs > k_jobs - 40);  // some 30 fit on a page
  CHECK(recovered->artifacts == 2);

  auto database = store::open_database(file);
  store::Queries queries(database);
  CHECK(queries.unfinished_jobs().size() == recovered->jobs);
  CHECK(queries.job_by_id(1)->spec.source == test::new_job().spec.source);
  CHECK(queries.job_by_id(k_jobs));
  CHECK(queries.artifact("b")->validators.last_modified == "yesterday");
  CHECK(queries.insert_job(test::new_job()) > static_cast<job::Id>(k_jobs));
}

TEST_CASE("a queue whose log holds the newest jobs is recovered with them") {
  const test::TemporaryFolder folder;
  const auto live = make_queue(folder);
  const auto file = folder.path() / "crashed.db";
  {
    auto database = store::open_database(live);
    store::Queries queries(database);
    queries.insert_job(test::new_job());
    fs::copy_file(live, file);
    fs::copy_file(live.string() + "-wal", file.string() + "-wal");
  }
  overwrite(file, 20 * k_page, k_page);
  const auto recovered = store::recover(file);
  REQUIRE(recovered);
  CHECK(fs::exists(recovered->aside.string() + "-wal"));
  auto database = store::open_database(file);
  CHECK(store::Queries(database).job_by_id(k_jobs + 1));
}

TEST_CASE("a row that cannot be understood is damage, and all others are recovered") {
  const test::TemporaryFolder folder;
  const auto file = make_queue(folder);
  {
    auto database = store::open_database(file);
    database.execute("UPDATE job SET urls = '[\"http' WHERE id = 7");
    database.execute("UPDATE job SET mirror = 9 WHERE id = 8");
  }
  const auto recovered = store::recover(file);
  REQUIRE(recovered);
  CHECK(recovered->jobs == k_jobs - 2);
  auto database = store::open_database(file);
  store::Queries queries(database);
  const sqlite::Transaction transaction(database);
  CHECK(queries.job_by_id(6));
  CHECK_FALSE(queries.job_by_id(7));
  CHECK_FALSE(queries.job_by_id(8));
}

TEST_CASE("a queue of which nothing can be read is replaced by an empty one and kept") {
  const test::TemporaryFolder folder;
  const auto file = make_queue(folder);
  SECTION("its header is gone") {
    overwrite(file, 0, k_page);
  }
  SECTION("its schema is gone") {
    overwrite(file, 100, k_page - 100);
  }
  SECTION("it is no database at all") {
    fs::remove(file);
    (void)folder.write("queue.db", "nothing of the kind");
  }
  const auto damaged = bytes_of(file);
  const auto recovered = store::recover(file);
  REQUIRE(recovered);
  CHECK(recovered->jobs == 0);
  CHECK(bytes_of(recovered->aside) == damaged);
  auto database = store::open_database(file);
  CHECK(store::Queries(database).unfinished_jobs().empty());
}

TEST_CASE("a recovery that cannot be written leaves the damaged queue as it is") {
  const test::TemporaryFolder folder;
  const auto file = make_queue(folder);
  // So much that SQLite writes before the commit, and that its log is larger than the file.
  store::open_database(file).execute("UPDATE job SET source = hex(zeroblob(4000)), mirror = (id = 8) * 9");
  const auto damaged = bytes_of(file);
  {
    // Enough for the copy of the damaged one.
    const test::FileSizeLimit limit(damaged.size());
    CHECK_THROWS_AS(store::recover(file), std::runtime_error);
  }
  CHECK(bytes_of(file) == damaged);
  CHECK(files_in(folder.path()) == 1);
  const auto recovered = store::recover(file);
  REQUIRE(recovered);
  CHECK(recovered->jobs == k_jobs - 1);
}

TEST_CASE("a queue of a newer version is no damage") {
  const test::TemporaryFolder folder;
  const auto file = make_queue(folder);
  store::open_database(file).execute("PRAGMA user_version = 99");
  CHECK_THROWS_AS(store::recover(file), store::StoreError);
  CHECK(files_in(folder.path()) == 1);
}
