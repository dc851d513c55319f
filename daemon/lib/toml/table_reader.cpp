#include "lib/toml/table_reader.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include <spdlog/fmt/fmt.h>

#include "lib/toml/document.hpp"
#include "lib/toml/source.hpp"
#include "util/nearest.hpp"
#include "util/units.hpp"

namespace concd::toml {

/// The table, where it is in the file, and which of its keys were asked for.
struct TableReader::State {
  std::shared_ptr<const Source> source;
  const ::toml::table* table = nullptr;
  std::string name;  ///< dotted, with a dot at the end; empty for the top
  std::set<std::string, std::less<>> asked;

  const ::toml::node* find(std::string_view key) {
    asked.emplace(key);
    return table->get(key);
  }

  [[nodiscard]] std::string at(const ::toml::source_region& region) const {
    // A table that only its members name has no place of its own.
    if (!region.begin) return source->file.string();
    return fmt::format("{}:{}:{}", source->file.string(), region.begin.line, region.begin.column);
  }
};

namespace {

constexpr auto k_no_limit = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

std::string_view type_of(const ::toml::node& node) {
  switch (node.type()) {
    case ::toml::node_type::table:
      return "a table";
    case ::toml::node_type::array:
      return "an array";
    case ::toml::node_type::string:
      return "a string";
    case ::toml::node_type::integer:
      return "a whole number";
    case ::toml::node_type::floating_point:
      return "a number with a fraction";
    case ::toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

std::string must_be(std::string_view what, const ::toml::node& node) {
  return fmt::format("must be {}, not {}", what, type_of(node));
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::string hint(std::string_view word, const std::vector<std::string_view>& candidates) {
  const auto near = nearest(word, candidates);
  return near ? fmt::format("; did you mean `{}`?", *near) : std::string();
}

std::string joined(const std::vector<std::string_view>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace

bool TableReader::boolean(std::string_view key, bool& value) {
  const auto* node = m_state->find(key);
  if (node == nullptr) return false;
  if (!node->is_boolean()) fail(key, must_be("true or false", *node));
  value = node->as_boolean()->get();
  return true;
}

bool TableReader::integer(std::string_view key, std::uint32_t& value, Range<std::uint32_t> range) {
  const auto* node = m_state->find(key);
  if (node == nullptr) return false;
  if (!node->is_integer()) fail(key, must_be("a whole number", *node));
  const auto number = node->as_integer()->get();
  if (number < range.least || number > range.most)
    fail(key, fmt::format("must be {} to {}, not {}", range.least, range.most, number));
  value = static_cast<std::uint32_t>(number);
  return true;
}

bool TableReader::size(std::string_view key, std::uint64_t& value, Range<std::uint64_t> range) {
  const auto* node = m_state->find(key);
  if (node == nullptr) return false;
  if (!node->is_integer() && !node->is_string())
    fail(key, must_be("a size, a number of bytes or a string such as \"512M\"", *node));
  std::optional<std::uint64_t> bytes;
  if (node->is_string())
    bytes = parse_size(node->as_string()->get());
  else if (node->as_integer()->get() >= 0)
    bytes = static_cast<std::uint64_t>(node->as_integer()->get());
  if (!bytes) fail(key, "is not a size; write a number of bytes, or one with K, M, G or T such as \"512M\"");
  if (*bytes < range.least || *bytes > range.most)
    fail(key, range.most >= k_no_limit
                  ? fmt::format("must be at least {} bytes, not {}", range.least, *bytes)
                  : fmt::format("must be {} to {} bytes, not {}", range.least, range.most, *bytes));
  value = *bytes;
  return true;
}

bool TableReader::duration(std::string_view key, Microseconds& value, Range<Microseconds> range) {
  const auto* node = m_state->find(key);
  if (node == nullptr) return false;
  if (!node->is_string()) fail(key, must_be("a time span in quotes such as \"5s\"", *node));
  const auto span = parse_duration(node->as_string()->get());
  if (!span) fail(key, "is not a time span; write one such as \"200ms\", \"5s\" or \"1min 30s\"");
  if (*span < range.least || *span > range.most)
    fail(key, fmt::format("must be {} to {}", exact_duration(range.least), exact_duration(range.most)));
  value = *span;
  return true;
}

bool TableReader::text(std::string_view key, std::string& value) {
  const auto* node = m_state->find(key);
  if (node == nullptr) return false;
  if (!node->is_string()) fail(key, must_be("a string", *node));
  if (has_control(node->as_string()->get())) fail(key, "holds a control character");
  value = node->as_string()->get();
  return true;
}

bool TableReader::choice(std::string_view key, std::string& value,
                         const std::vector<std::string_view>& choices) {
  std::string word;
  if (!text(key, word)) return false;
  if (std::ranges::find(choices, word) == choices.end())
    fail(key, fmt::format("must be one of {}, not `{}`{}", joined(choices), word, hint(word, choices)));
  value = word;
  return true;
}

bool TableReader::texts(std::string_view key, std::vector<std::string>& value) {
  const auto* node = m_state->find(key);
  if (node == nullptr) return false;
  if (!node->is_array()) fail(key, must_be("an array of strings", *node));
  std::vector<std::string> all;
  for (const auto& element : *node->as_array()) {
    if (!element.is_string()) fail(key, all.size(), must_be("a string", element));
    if (has_control(element.as_string()->get())) fail(key, all.size(), "holds a control character");
    all.push_back(element.as_string()->get());
  }
  value = std::move(all);
  return true;
}

bool TableReader::path(std::string_view key, std::filesystem::path& value) {
  std::string name;
  if (!text(key, name)) return false;
  if (!name.starts_with('/')) fail(key, "must be an absolute path");
  value = name;
  return true;
}

bool TableReader::paths(std::string_view key, std::vector<std::filesystem::path>& value) {
  std::vector<std::string> names;
  if (!texts(key, names)) return false;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!names[i].starts_with('/')) fail(key, i, "must be an absolute path");
  value.assign(names.begin(), names.end());
  return true;
}

std::optional<TableReader> TableReader::table(std::string_view key) {
  const auto* node = m_state->find(key);
  if (node == nullptr) return std::nullopt;
  if (!node->is_table()) fail(key, must_be(fmt::format("a table, [{}{}]", m_state->name, key), *node));
  return TableReader(std::make_shared<State>(
      State{m_state->source, node->as_table(), fmt::format("{}{}.", m_state->name, key), {}}));
}

std::vector<std::string> TableReader::keys() const {
  // The table itself is sorted by key.
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::string_view>, std::string_view> places;
  for (const auto& [key, node] : *m_state->table) {
    const auto& begin = key.source().begin;
    places.emplace(std::tuple(begin.line, begin.column, key.str()), key.str());
  }
  std::vector<std::string> keys;
  keys.reserve(places.size());
  for (const auto& [place, key] : places) keys.emplace_back(key);
  return keys;
}

std::string TableReader::where(std::string_view key) const {
  const auto found = m_state->table->find(key);
  if (found == m_state->table->end()) return m_state->at(m_state->table->source());
  const auto& node = found->second;
  // A table's mistake is best shown at its name.
  return m_state->at(node.is_table() ? found->first.source() : node.source());
}

std::string TableReader::where(std::string_view key, std::size_t index) const {
  const auto* node = m_state->table->get(key);
  if (node == nullptr || !node->is_array() || index >= node->as_array()->size()) return where(key);
  return m_state->at(node->as_array()->get(index)->source());
}

void TableReader::fail(std::string_view key, const std::string& problem) const {
  throw ConfigError(fmt::format("{}: `{}{}` {}", where(key), m_state->name, key, problem));
}

void TableReader::fail(std::string_view key, std::size_t index, const std::string& problem) const {
  throw ConfigError(
      fmt::format("{}: `{}{}`, element {}, {}", where(key, index), m_state->name, key, index + 1, problem));
}

void TableReader::finish() const {
  const auto& known = m_state->asked;
  for (const auto& key : keys()) {
    if (known.contains(key)) continue;
    const auto place = m_state->at(m_state->table->find(key)->first.source());
    throw ConfigError(fmt::format("{}: there is no key `{}{}`{}", place, m_state->name, key,
                                  hint(key, {known.begin(), known.end()})));
  }
}

TableReader Document::root() const {
  return TableReader(
      std::make_shared<TableReader::State>(TableReader::State{m_source, &m_source->table, "", {}}));
}

}  // namespace concd::toml
