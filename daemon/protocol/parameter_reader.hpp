#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "protocol/codec.hpp"

namespace concd::protocol {

/// Reads the members of an object by name and type, and remembers the first that is wrong; the readers then
/// return defaults, so that one look at result() at the end is enough. Null is the same as absent.
class ParameterReader {
 public:
  enum class Unknown { refused, ignored };

  /// `object` outlives the reader.
  ParameterReader(const nlohmann::json& object, Unknown unknown);

  /// UTF-8 of at most `limit` bytes, without NUL.
  [[nodiscard]] std::string text(std::string_view name, std::size_t limit = k_any_length);
  [[nodiscard]] std::optional<std::string> optional_text(std::string_view name,
                                                         std::size_t limit = k_any_length);
  [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t least = k_min,
                                     std::int64_t most = k_max);
  [[nodiscard]] std::optional<std::int64_t> optional_integer(std::string_view name,
                                                             std::int64_t least = k_min,
                                                             std::int64_t most = k_max);
  [[nodiscard]] bool boolean(std::string_view name);
  [[nodiscard]] bool boolean_or(std::string_view name, bool absent);
  /// The text as `parse` understands it.
  template <typename T>
  [[nodiscard]] std::optional<T> optional_parsed(std::string_view name,
                                                 std::optional<T> (*parse)(std::string_view)) {
    const auto word = optional_text(name);
    if (!word) return std::nullopt;
    auto value = parse(*word);
    if (!value) invalid(name, true);
    return value;
  }
  template <typename T>
  [[nodiscard]] T parsed(std::string_view name, std::optional<T> (*parse)(std::string_view)) {
    if (find(name) == nullptr) invalid(name);
    return optional_parsed(name, parse).value_or(T{});
  }
  /// The same, but a word that is not known is `unknown`.
  template <typename T>
  [[nodiscard]] T parsed_or(std::string_view name, std::optional<T> (*parse)(std::string_view), T unknown) {
    return parse(text(name)).value_or(unknown);
  }
  /// The object of that name; null when it is absent or no object, which the caller may then call invalid.
  [[nodiscard]] const nlohmann::json* object(std::string_view name);
  /// The elements of the array of that name, as `decode` understands them.
  template <typename T, typename Decode>
  [[nodiscard]] std::vector<T> array(std::string_view name, std::size_t limit, Decode decode) {
    std::vector<T> result;
    const auto* found = find(name);
    if (found == nullptr || !found->is_array() || found->size() > limit) {
      invalid(name);
      return result;
    }
    result.reserve(found->size());
    for (const auto& element : *found) {
      auto value = decode(element);
      if (!value) {
        invalid(name, value.error().unknown_word);
        return {};
      }
      result.push_back(std::move(*value));
    }
    return result;
  }

  /// The same; empty where it is absent.
  template <typename T, typename Decode>
  [[nodiscard]] std::vector<T> optional_array(std::string_view name, std::size_t limit, Decode decode) {
    return find(name) == nullptr ? std::vector<T>() : array<T>(name, limit, decode);
  }

  /// `unknown_word`: because of a word that is not known.
  void invalid(std::string_view name, bool unknown_word = false);
  /// The value, if all that was asked for is right and, where unknown members are refused, there is no other.
  template <typename T>
  [[nodiscard]] Decoded<T> result(T value) {
    check_unknown();
    if (m_invalid) return tl::unexpected(*m_invalid);
    return value;
  }

  static constexpr std::size_t k_any_length = std::numeric_limits<std::size_t>::max();
  static constexpr std::int64_t k_min = std::numeric_limits<std::int64_t>::min();
  static constexpr std::int64_t k_max = std::numeric_limits<std::int64_t>::max();

 private:
  [[nodiscard]] const nlohmann::json* find(std::string_view name);
  void check_unknown();

  const nlohmann::json& m_object;
  Unknown m_unknown;
  std::vector<std::string_view> m_asked;
  std::optional<InvalidParameter> m_invalid;
};

}  // namespace concd::protocol
