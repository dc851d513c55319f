#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "util/clock.hpp"

namespace concd::toml {

/// What a value may be, both ends included.
template <typename T>
struct Range {
  T least;
  T most;
};

struct Source;

/// Reads one table key by key. Each function for a value looks for `key`, checks type and range, and puts the
/// value into `value`, which otherwise stays as it is; it tells whether the key was there. Then finish()
/// refuses what nobody asked for. All throw ConfigError, with the position of the mistake.
class TableReader {
 public:
  bool boolean(std::string_view key, bool& value);
  bool integer(std::string_view key, std::uint32_t& value, Range<std::uint32_t> range);
  /// A whole number of bytes or a string such as "512M", parse_size().
  bool size(std::string_view key, std::uint64_t& value, Range<std::uint64_t> range);
  /// A string such as "1min 30s", parse_duration().
  bool duration(std::string_view key, Microseconds& value, Range<Microseconds> range);
  /// A string without control characters.
  bool text(std::string_view key, std::string& value);
  /// A string that is one of `choices`.
  bool choice(std::string_view key, std::string& value, const std::vector<std::string_view>& choices);
  bool texts(std::string_view key, std::vector<std::string>& value);
  /// An absolute path.
  bool path(std::string_view key, std::filesystem::path& value);
  bool paths(std::string_view key, std::vector<std::filesystem::path>& value);
  /// The table under the key, as a reader of its own to finish.
  [[nodiscard]] std::optional<TableReader> table(std::string_view key);

  /// All keys, in the order of the file.
  [[nodiscard]] std::vector<std::string> keys() const;
  /// "FILE:LINE:COLUMN" of the key's value, of its element `index`, or of the table without the key.
  [[nodiscard]] std::string where(std::string_view key) const;
  [[nodiscard]] std::string where(std::string_view key, std::size_t index) const;
  /// Throws ConfigError: where(...) and the problem.
  [[noreturn]] void fail(std::string_view key, const std::string& problem) const;
  [[noreturn]] void fail(std::string_view key, std::size_t index, const std::string& problem) const;
  /// Throws ConfigError for the first key that was not asked for, naming the nearest one that was.
  void finish() const;

 private:
  friend class Document;
  struct State;
  explicit TableReader(std::shared_ptr<State> state) : m_state(std::move(state)) {}
  std::shared_ptr<State> m_state;
};

}  // namespace concd::toml
