#pragma once

#include <string>
#include <vector>

namespace concd::client {

/// A column of a table; numbers stand at its right.
struct TableColumn {
  std::string title;
  bool right = false;
};

/// The lines of a table: titles, then rows, each column as wide as its widest cell. Cells must be printable.
[[nodiscard]] std::vector<std::string> table_lines(const std::vector<TableColumn>& columns,
                                                   const std::vector<std::vector<std::string>>& rows);

/// Lines of "key: value", the values below one another. Cells must be printable.
[[nodiscard]] std::vector<std::string> pair_lines(
    const std::vector<std::pair<std::string, std::string>>& pairs);

}  // namespace concd::client
