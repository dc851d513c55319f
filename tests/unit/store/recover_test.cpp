#include "store/recover.hpp"

#include <fstream>

#include "file_size_limit.hpp"
#include "lib/sqlite/transaction.hpp"
#include "samples.hpp"
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
constexpr auto k_last = static_cast<job::Id>(k_jobs);
constexpr std::size_t k_page = 4096;

std::string bytes_of(const fs::path& file) {
  return read_text(file, 64 << 20);
}

/// A queue of 500 jobs, each with its transfer, and the artifacts "a" and "b".
fs::path make_queue(const test::TemporaryFolder& folder) {
  auto file = folder.path() / "queue.db";
  auto database = store::open_database(file);
  store::Queries queries(database);
  sqlite::Transaction transaction(database);
  for (std::size_t id = 1; id <= k_jobs; ++id) test::add(queries, static_cast<job::Id>(id));
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

// What a page of the table holds and no other page does.
constexpr auto k_in_transfers = "https://example.org/file";
constexpr auto k_in_jobs = "activenormal";

/// Overwrites the `number`th page, from 0, that holds `text`.
void overwrite_page_with(const fs::path& file, const std::string& text, int number) {
  const auto bytes = bytes_of(file);
  std::size_t page = 0;
  for (; page < bytes.size(); page += k_page)
    if (bytes.substr(page, k_page).find(text) != std::string::npos && number-- == 0) break;
  overwrite(file, page, k_page);
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
  const bool is_transfers = GENERATE(true, false);
  overwrite_page_with(file, is_transfers ? k_in_transfers : k_in_jobs, 2);
  const auto damaged = bytes_of(file);
  REQUIRE_THROWS_AS(store::open_database(file), store::DamagedError);

  const auto recovered = store::recover(file);
  REQUIRE(recovered);
  CHECK(bytes_of(recovered->aside) == damaged);
  CHECK(recovered->jobs < k_jobs);
  CHECK(recovered->jobs > k_jobs - 120);  // some 30 transfers fit on a page, some 80 jobs
  CHECK(recovered->lost_jobs == (is_transfers ? k_jobs - recovered->jobs : 0));
  CHECK(recovered->artifacts == 2);

  auto database = store::open_database(file);
  store::Queries queries(database);
  CHECK(queries.unfinished_jobs().size() == recovered->jobs);
  CHECK(queries.unfinished_transfers().size() == recovered->jobs);
  CHECK(database.integer("SELECT count(*) FROM transfer") == static_cast<std::int64_t>(recovered->jobs));
  CHECK(queries.job_by_id(1)->transfer.spec.urls == test::new_transfer(1).spec.urls);
  CHECK(queries.job_by_id(k_last));
  CHECK(queries.artifact("b")->validators.last_modified == "yesterday");
}

TEST_CASE("the numbers of lost jobs and transfers are not given again") {
  const test::TemporaryFolder folder;
  const auto file = make_queue(folder);
  const std::string lost = GENERATE("id > 100", "id > 0");
  store::open_database(file).execute("UPDATE transfer SET phase = 'asleep' WHERE " + lost);
  REQUIRE(store::recover(file));
  auto database = store::open_database(file);
  const auto last = store::Queries(database).last_ids();
  CHECK(last.job == k_last);
  CHECK(last.transfer == k_last);
}

TEST_CASE("a queue whose log holds the newest jobs is recovered with them") {
  const test::TemporaryFolder folder;
  const auto live = make_queue(folder);
  const auto file = folder.path() / "crashed.db";
  {
    auto database = store::open_database(live);
    store::Queries queries(database);
    test::add(queries, k_last + 1);
    fs::copy_file(live, file);
    fs::copy_file(live.string() + "-wal", file.string() + "-wal");
  }
  overwrite_page_with(file, k_in_jobs, 2);
  const auto recovered = store::recover(file);
  REQUIRE(recovered);
  CHECK(fs::exists(recovered->aside.string() + "-wal"));
  auto database = store::open_database(file);
  CHECK(store::Queries(database).job_by_id(k_last + 1));
}

TEST_CASE("a row that cannot be understood is damage, and all others are recovered") {
  const test::TemporaryFolder folder;
  const auto file = make_queue(folder);
  {
    auto database = store::open_database(file);
    database.execute("UPDATE transfer SET urls = '[\"http' WHERE id = 7");
    database.execute("UPDATE transfer SET mirror = 9 WHERE id = 8");
    database.execute("UPDATE job SET standing = 'asleep' WHERE id = 9");
    database.execute("UPDATE job SET transfer = 7 WHERE id IN (10, 11)");
  }
  const auto recovered = store::recover(file);
  REQUIRE(recovered);
  CHECK(recovered->jobs == k_jobs - 5);
  CHECK(recovered->lost_jobs == 4);
  auto database = store::open_database(file);
  store::Queries queries(database);
  CHECK(queries.job_by_id(6));
  for (const job::Id lost : {7, 8, 9, 10, 11}) CHECK_FALSE(queries.job_by_id(lost));
  CHECK(queries.job_by_id(12));
  // What no job wants any more is not kept.
  CHECK(database.integer("SELECT count(*) FROM transfer") == k_last - 5);
}

TEST_CASE("a queue whose tables are not as they were made is damaged, and gets new ones") {
  const test::TemporaryFolder folder;
  const auto file = make_queue(folder);
  auto bytes = bytes_of(file);
  // The name of a column, of which the check of all pages says nothing.
  const std::string name = "checkpoint_total";
  const auto at = bytes.find(name);
  REQUIRE(at != std::string::npos);
  bytes[at + name.size() - 1] = 'm';
  std::ofstream(file, std::ios::binary) << bytes;
  REQUIRE_THROWS_AS(store::open_database(file), store::DamagedError);

  const auto recovered = store::recover(file);
  REQUIRE(recovered);
  CHECK(bytes_of(recovered->aside) == bytes);
  auto database = store::open_database(file);
  CHECK(store::Queries(database).last_ids().job == k_last);
}

TEST_CASE("a damaged row that nothing else would show is damage") {
  const test::TemporaryFolder folder;
  const auto file = make_queue(folder);
  SECTION("of a transfer without jobs") {
    store::open_database(file).execute(
        "DELETE FROM job WHERE id = 7; UPDATE transfer SET mirror = 9 WHERE id = 7");
    const auto recovered = store::recover(file);
    REQUIRE(recovered);
    CHECK(recovered->jobs == k_jobs - 1);
    CHECK(recovered->lost_jobs == 0);
  }
  SECTION("a job without its transfer") {
    store::open_database(file).execute("PRAGMA foreign_keys = OFF; DELETE FROM transfer WHERE id = 7");
    const auto recovered = store::recover(file);
    REQUIRE(recovered);
    CHECK(recovered->jobs == k_jobs - 1);
    CHECK(recovered->lost_jobs == 1);
  }
  CHECK_FALSE(store::recover(file));
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
  SECTION("it is not a database at all") {
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
  store::open_database(file).execute("UPDATE transfer SET name = hex(zeroblob(5900)), mirror = (id = 8) * 9");
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

TEST_CASE("a queue of a newer version does not count as damaged") {
  const test::TemporaryFolder folder;
  const auto file = make_queue(folder);
  store::open_database(file).execute("PRAGMA user_version = 99");
  CHECK_THROWS_AS(store::recover(file), store::StoreError);
  CHECK(files_in(folder.path()) == 1);
}
