#pragma once

#include <algorithm>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <spdlog/fmt/fmt.h>
#include <sqlite3.h>

#include "lib/sqlite/error.hpp"
#include "lib/sqlite/statement.hpp"
#include "store/column.hpp"

/// A table of columns is all that is known about how a value becomes a row and back: every statement's text,
/// binding and reading follows from it.
namespace concd::store {

template <typename Row>
struct Table {
  std::string_view name;
  std::span<const Column<Row>> columns;  ///< the first is the key

  [[nodiscard]] int width() const { return static_cast<int>(columns.size()); }
};

/// A statement that writes a Row: its text, and what its parameters are bound to.
template <typename Row>
struct Write {
  std::string sql;
  std::vector<const Column<Row>*> parameters;

  void bind(sqlite::Statement& statement, const Row& row) const {
    int parameter = 1;
    for (const auto* const column : parameters) column->put(statement, parameter++, row);
  }
};

/// "job.id, job.transfer, …": what read_row() reads.
template <typename Row>
[[nodiscard]] std::string column_list(const Table<Row>& table) {
  std::string list;
  for (const auto& column : table.columns)
    list += fmt::format("{}{}.{}", list.empty() ? "" : ", ", table.name, column.name);
  return list;
}

/// `verb` INTO the table all columns of a row.
template <typename Row>
[[nodiscard]] Write<Row> insert_into(const Table<Row>& table, std::string_view verb = "INSERT") {
  Write<Row> write;
  std::string names, values;
  for (const auto& column : table.columns) {
    const auto* const comma = names.empty() ? "" : ", ";
    names += fmt::format("{}{}", comma, column.name);
    values += fmt::format("{}?", comma);
    write.parameters.push_back(&column);
  }
  write.sql = fmt::format("{} INTO {} ({}) VALUES ({})", verb, table.name, names, values);
  return write;
}

/// UPDATE of those columns of the row that are written then.
template <typename Row>
[[nodiscard]] Write<Row> update_of(const Table<Row>& table, std::initializer_list<Written> then) {
  Write<Row> write;
  std::string values;
  for (const auto& column : table.columns) {
    if (std::ranges::find(then, column.written) == then.end()) continue;
    values += fmt::format("{}{} = ?", values.empty() ? "" : ", ", column.name);
    write.parameters.push_back(&column);
  }
  const auto& key = table.columns.front();
  write.parameters.push_back(&key);
  write.sql = fmt::format("UPDATE {} SET {} WHERE {} = ?", table.name, values, key.name);
  return write;
}

/// The error of a row that concd never wrote; `key` names the row.
[[nodiscard]] inline sqlite::Error damaged_row(std::string_view table, std::string_view key,
                                               std::string_view what) {
  return {SQLITE_CORRUPT, fmt::format("{} {} in the database has a damaged {}; `concd --recover` saves the "
                                      "others",
                                      table, key, what)};
}

/// Reads the columns of the current row from column `first` on. Throws sqlite::Error (SQLITE_CORRUPT), which
/// names the row, when one holds what concd never wrote.
template <typename Row>
[[nodiscard]] Row read_row(const Table<Row>& table, const sqlite::Statement& statement, int first = 0) {
  Row row;
  int number = first;
  for (const auto& column : table.columns)
    if (!column.get(statement, number++, row))
      throw damaged_row(table.name, statement.text(first), column.name);
  return row;
}

}  // namespace concd::store
