#include "store/column_value.hpp"

#include <limits>

#include <nlohmann/json.hpp>

namespace concd::store {
namespace {

using nlohmann::json;

/// Also where it is damaged: then it is not an array.
json read_json(const sqlite::Statement& statement, int column) {
  return json::parse(statement.text(column), nullptr, false);
}

std::optional<job::Extent> to_extent(const json& pair) {
  if (!pair.is_array() || pair.size() != 2) return std::nullopt;
  if (!pair[0].is_number_unsigned() || !pair[1].is_number_unsigned()) return std::nullopt;
  return job::Extent{pair[0].get<std::uint64_t>(), pair[1].get<std::uint64_t>()};
}

/// Whether it is not empty, begins at `start` or later, and has an end.
bool follows(const job::Extent& extent, std::uint64_t start) {
  return extent.length > 0 && extent.offset >= start &&
         extent.length <= std::numeric_limits<std::uint64_t>::max() - extent.offset;
}

}  // namespace

void put(sqlite::Statement& statement, int parameter, const std::vector<std::string>& value) {
  statement.bind(parameter, json(value).dump());
}

bool get(const sqlite::Statement& statement, int column, std::vector<std::string>& value) {
  value.clear();
  const auto list = read_json(statement, column);
  if (!list.is_array()) return false;
  for (const auto& text : list) {
    if (!text.is_string()) return false;
    value.push_back(text.get<std::string>());
  }
  return true;
}

void put(sqlite::Statement& statement, int parameter, const std::vector<job::Extent>& value) {
  auto list = json::array();
  for (const auto& extent : value) list.push_back({extent.offset, extent.length});
  statement.bind(parameter, list.dump());
}

bool get(const sqlite::Statement& statement, int column, std::vector<job::Extent>& value) {
  value.clear();
  const auto list = read_json(statement, column);
  if (!list.is_array()) return false;
  std::uint64_t end = 0;
  for (const auto& pair : list) {
    const auto extent = to_extent(pair);
    if (!extent || !follows(*extent, end)) return false;
    end = extent->offset + extent->length;
    value.push_back(*extent);
  }
  return true;
}

}  // namespace concd::store
