#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "job/checkpoint.hpp"
#include "job/digest.hpp"
#include "job/executor_kind.hpp"
#include "job/failure.hpp"
#include "job/priority.hpp"
#include "job/standing.hpp"
#include "job/wait_cause.hpp"
#include "lib/sqlite/statement.hpp"
#include "util/boxed.hpp"
#include "util/clock.hpp"

/// How a value of each type goes into a column and comes out of it: put() binds it to the parameter, counted
/// from 1; get() reads the column, counted from 0, and returns false when concd never wrote what is there.
namespace concd::store {

/// What reads a type that is stored as the text that job::to_string() makes of it.
template <typename T>
inline constexpr std::nullptr_t k_parse = nullptr;
template <>
inline constexpr auto k_parse<job::Digest> = &job::parse_digest;
template <>
inline constexpr auto k_parse<job::ExecutorKind> = &job::executor_kind_from_string;
template <>
inline constexpr auto k_parse<job::FailureKind> = &job::failure_kind_from_string;
template <>
inline constexpr auto k_parse<job::Priority> = &job::priority_from_string;
template <>
inline constexpr auto k_parse<job::RetryClass> = &job::retry_class_from_string;
template <>
inline constexpr auto k_parse<job::Standing> = &job::standing_from_string;
template <>
inline constexpr auto k_parse<job::WaitKind> = &job::wait_kind_from_string;

template <typename T>
concept StoredAsText = !std::same_as<decltype(k_parse<T>), const std::nullptr_t>;

/// Sizes are unsigned in concd and signed in SQLite: the same 64 bits.
template <std::integral T>
void put(sqlite::Statement& statement, int parameter, T value) {
  statement.bind(parameter, static_cast<std::int64_t>(value));
}

template <std::integral T>
[[nodiscard]] bool get(const sqlite::Statement& statement, int column, T& value) {
  const auto stored = statement.integer(column);
  value = static_cast<T>(stored);
  return static_cast<std::int64_t>(value) == stored;
}

inline void put(sqlite::Statement& statement, int parameter, Microseconds value) {
  statement.bind(parameter, std::int64_t{value.count()});
}

[[nodiscard]] inline bool get(const sqlite::Statement& statement, int column, Microseconds& value) {
  value = Microseconds(statement.integer(column));
  return true;
}

inline void put(sqlite::Statement& statement, int parameter, const std::string& value) {
  statement.bind(parameter, value);
}

[[nodiscard]] inline bool get(const sqlite::Statement& statement, int column, std::string& value) {
  value = statement.text(column);
  return true;
}

template <StoredAsText T>
void put(sqlite::Statement& statement, int parameter, const T& value) {
  statement.bind(parameter, std::string_view(job::to_string(value)));
}

template <StoredAsText T>
[[nodiscard]] bool get(const sqlite::Statement& statement, int column, T& value) {
  auto parsed = k_parse<T>(statement.text(column));
  if (!parsed) return false;
  value = *std::move(parsed);
  return true;
}

/// A JSON array.
void put(sqlite::Statement& statement, int parameter, const std::vector<std::string>& value);
[[nodiscard]] bool get(const sqlite::Statement& statement, int column, std::vector<std::string>& value);

/// A JSON array of pairs [offset, length]. Read back in order and without overlaps only.
void put(sqlite::Statement& statement, int parameter, const std::vector<job::Extent>& value);
[[nodiscard]] bool get(const sqlite::Statement& statement, int column, std::vector<job::Extent>& value);

template <typename T>
inline constexpr bool k_is_optional = false;
template <typename T>
inline constexpr bool k_is_optional<std::optional<T>> = true;
template <typename T>
inline constexpr bool k_is_optional<Boxed<T>> = true;

template <typename T>
concept Optional = k_is_optional<T>;

/// NULL when there is nothing.
template <Optional T>
void put(sqlite::Statement& statement, int parameter, const T& value) {
  if (value)
    put(statement, parameter, *value);
  else
    statement.bind_null(parameter);
}

template <Optional T>
[[nodiscard]] bool get(const sqlite::Statement& statement, int column, T& value) {
  value.reset();
  return statement.is_null(column) || get(statement, column, value.emplace());
}

}  // namespace concd::store
