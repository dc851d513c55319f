// Rows of the queue's tables that concd may never have written: a line of the input is a column, of which the
// first character says the type. A row that is taken is written and read again, and must then be the same.

#include <charconv>
#include <optional>
#include <string>

#include <sqlite3.h>

#include "expect.hpp"
#include "lib/sqlite/database.hpp"
#include "lib/sqlite/error.hpp"
#include "store/tables.hpp"

namespace {

using namespace concd;
using fuzz::expect;

/// "SELECT ?, ?, …": what is bound to it is read as a row.
sqlite::Statement select(sqlite::Database& database, int width) {
  std::string sql = "SELECT ?";
  for (int i = 1; i < width; ++i) sql += ", ?";
  return database.prepare(sql);
}

void bind(sqlite::Statement& statement, int parameter, std::string_view line) {
  const auto rest = line.substr(line.empty() ? 0 : 1);
  std::int64_t number = 0;
  if (line.starts_with('i')) {
    std::from_chars(rest.data(), rest.data() + rest.size(), number);
    return statement.bind(parameter, number);
  }
  if (line.starts_with('t')) return statement.bind(parameter, rest);
  statement.bind_null(parameter);
}

template <typename Row>
void write(const store::Table<Row>& table, sqlite::Statement& statement, const Row& row) {
  int parameter = 1;
  for (const auto& column : table.columns) column.put(statement, parameter++, row);
  expect(statement.step());
}

bool same(const sqlite::Statement& one, const sqlite::Statement& other, int width) {
  for (int i = 0; i < width; ++i)
    if (one.is_null(i) != other.is_null(i) || one.text(i) != other.text(i)) return false;
  return true;
}

template <typename Row>
void read(sqlite::Database& database, const store::Table<Row>& table,
          const std::vector<std::string_view>& lines) {
  const int width = table.width();
  static auto given = select(database, width), first = select(database, width),
              second = select(database, width);
  for (auto* const statement : {&given, &first, &second}) statement->reset();
  for (int i = 0; i < width; ++i)
    bind(given, i + 1, static_cast<std::size_t>(i) < lines.size() ? lines[static_cast<std::size_t>(i)] : "");
  expect(given.step());
  std::optional<Row> row;
  try {
    row = store::read_row(table, given);
  } catch (const sqlite::Error& error) {
    return expect(error.code() == SQLITE_CORRUPT);
  }
  write(table, first, *row);
  write(table, second, store::read_row(table, first));
  expect(same(first, second, width));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static sqlite::Database database(":memory:");
  const auto lines = fuzz::lines_of(fuzz::text_of(data, size));
  read(database, store::k_job_table, lines);
  read(database, store::k_transfer_table, lines);
  read(database, store::k_artifact_table, lines);
  return 0;
}
