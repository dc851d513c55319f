#include "store/schema.hpp"

#include <array>

#include "lib/sqlite/database.hpp"
#include "lib/sqlite/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace concd;

namespace {

sqlite::Database empty_database(const test::TemporaryFolder& folder) {
  return sqlite::Database(folder.write("queue.db", ""));
}

}  // namespace

TEST_CASE("a database takes each step to the newest version once") {
  const test::TemporaryFolder folder;
  auto database = empty_database(folder);
  const std::array steps{"CREATE TABLE a (x)", "INSERT INTO a VALUES (1)", "INSERT INTO a VALUES (2)"};
  store::migrate(database, std::span(steps).first(2));
  CHECK(database.integer("PRAGMA user_version") == 2);
  CHECK(database.integer("PRAGMA application_id") == store::k_application_id);
  store::migrate(database, steps);
  store::migrate(database, steps);
  CHECK(database.integer("PRAGMA user_version") == 3);
  CHECK(database.text("SELECT group_concat(x) FROM a") == "1,2");
}

TEST_CASE("a step that fails leaves the version before it") {
  const test::TemporaryFolder folder;
  auto database = empty_database(folder);
  const std::array steps{"CREATE TABLE a (x)", "INSERT INTO a VALUES (1); INSERT INTO missing VALUES (2)"};
  CHECK_THROWS_AS(store::migrate(database, steps), sqlite::Error);
  CHECK_FALSE(database.in_transaction());
  CHECK(database.integer("PRAGMA user_version") == 1);
  CHECK(database.integer("SELECT count(*) FROM a") == 0);
}
