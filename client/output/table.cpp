#include "client/output/table.hpp"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "client/output/printable.hpp"

namespace concd::client {
namespace {

std::string line_of(const std::vector<TableColumn>& columns, const std::vector<std::size_t>& widths,
                    const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) line += "  ";
    line += columns[i].right ? padded_left(cells[i], widths[i]) : padded(cells[i], widths[i]);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace

std::vector<std::string> table_lines(const std::vector<TableColumn>& columns,
                                     const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::string> titles;
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    titles.push_back(columns[i].title);
    widths.push_back(columns_of(columns[i].title));
    for (const auto& row : rows) widths.back() = std::max(widths.back(), columns_of(row[i]));
  }
  std::vector<std::string> lines{line_of(columns, widths, titles)};
  for (const auto& row : rows) lines.push_back(line_of(columns, widths, row));
  return lines;
}

std::vector<std::string> pair_lines(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::size_t width = 0;
  for (const auto& [key, value] : pairs) width = std::max(width, columns_of(key));
  std::vector<std::string> lines;
  lines.reserve(pairs.size());
  for (const auto& [key, value] : pairs)
    lines.push_back(fmt::format("{} {}", padded(key + ":", width + 1), value));
  return lines;
}

}  // namespace concd::client
