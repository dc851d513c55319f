#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/sqlite/statement.hpp"

namespace concd::sqlite {

/// Binds the parameters of a statement one after the other.
class Parameters {
 public:
  explicit Parameters(Statement& statement) noexcept : m_statement(statement) {}

  Parameters& integer(std::int64_t value) {
    m_statement.bind(m_next++, value);
    return *this;
  }
  Parameters& text(std::string_view value) {
    m_statement.bind(m_next++, value);
    return *this;
  }
  Parameters& null() {
    m_statement.bind_null(m_next++);
    return *this;
  }
  /// NULL when there is nothing.
  Parameters& optional_integer(std::optional<std::int64_t> value) { return value ? integer(*value) : null(); }
  Parameters& optional_text(const std::optional<std::string>& value) { return value ? text(*value) : null(); }

 private:
  Statement& m_statement;
  int m_next = 1;
};

/// Reads the columns of the current row one after the other.
class Columns {
 public:
  explicit Columns(const Statement& statement) noexcept : m_statement(statement) {}

  std::int64_t integer() { return m_statement.integer(m_next++); }
  std::string text() { return m_statement.text(m_next++); }
  /// Nothing when it is NULL.
  std::optional<std::int64_t> optional_integer() {
    const int column = m_next++;
    if (m_statement.is_null(column)) return std::nullopt;
    return m_statement.integer(column);
  }
  std::optional<std::string> optional_text() {
    const int column = m_next++;
    if (m_statement.is_null(column)) return std::nullopt;
    return m_statement.text(column);
  }

 private:
  const Statement& m_statement;
  int m_next = 0;
};

}  // namespace concd::sqlite
