#pragma once

#include <cstdint>
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

 private:
  Statement& m_statement;
  int m_next = 1;
};

}  // namespace concd::sqlite
