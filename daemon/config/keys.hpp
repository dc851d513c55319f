#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/config.hpp"
#include "lib/toml/table_reader.hpp"
#include "util/clock.hpp"
#include "util/per_user.hpp"

namespace concd::config {

/// Where a Config has the value of a key.
template <typename T>
using Place = T& (*)(Config&);

/// What is wrong with a text, as it follows the key's name in an error; empty: nothing.
using Rule = std::string (*)(const std::string& text);

struct NumberKey {
  Place<std::uint32_t> place;
  toml::Range<std::uint32_t> range;
};

struct SizeKey {
  Place<std::uint64_t> place;
  toml::Range<std::uint64_t> range;
  std::string_view zero{};  ///< what 0 means, where it is allowed besides the range
};

struct SpanKey {
  Place<Microseconds> place;
  toml::Range<Microseconds> range;
  std::string_view zero{};  ///< what 0 means, where it is allowed besides the range
};

/// A word out of a few.
struct ChoiceKey {
  void (*put)(Config&, const std::string& word);
  std::vector<std::string_view> choices;
};

struct TextKey {
  Place<std::string> place;
  Rule rule = nullptr;
  toml::Range<std::size_t> length = {0, std::numeric_limits<std::size_t>::max()};  ///< bytes
};

struct TextsKey {
  Place<std::vector<std::string>> place;
  Rule element_rule;
  std::string_view at_least_one{};  ///< what there must be one of; empty: there may be none
};

/// An absolute path.
struct PathKey {
  Place<std::filesystem::path> place;
  bool may_be_empty = false;
};

/// The absolute path of a folder that will hold a socket.
struct SocketFolderKey {
  Place<std::filesystem::path> place;
  std::size_t max_length;  ///< bytes
};

struct PathsKey {
  Place<std::vector<std::filesystem::path>> place;
};

/// One key of concd.toml(5). Its default is what a new Config has.
struct Key {
  std::string_view section;
  std::string_view name;
  std::string_view text;  ///< what it sets, a sentence without its full stop
  std::variant<NumberKey, SizeKey, SpanKey, ChoiceKey, TextKey, TextsKey, PathKey, SocketFolderKey, PathsKey>
      value;
};

/// One key of the sections [user."NAME"] of concd.toml(5), which give users a limit of their own.
struct UserKey {
  std::string_view name;
  std::string_view text;  ///< as that of Key
  PerUser<std::uint32_t>& (*place)(Config&);
  toml::Range<std::uint32_t> range;
};

/// The only place that knows the keys: reading follows it, and tests compare the sample file with it. In the
/// order of the sample file and the manual page.
[[nodiscard]] const std::vector<Key>& keys();
/// The same for those of [user."NAME"].
[[nodiscard]] const std::vector<UserKey>& user_keys();

}  // namespace concd::config
