#pragma once

#include <map>
#include <string>
#include <string_view>

#include "lib/sqlite/database.hpp"
#include "store/queries.hpp"
#include "store/table.hpp"

namespace concd::store {

/// The compiled statements of Queries, by their text. Store thread.
class Queries::Statements {
 public:
  explicit Statements(sqlite::Database& database) : m_database(database) {}

  /// A statement in use; it is ready for the next use when this ends, whatever happens in between.
  class Use {
   public:
    explicit Use(sqlite::Statement& statement) : m_statement(statement) {}
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use() { m_statement.reset(); }
    sqlite::Statement& operator*() const { return m_statement; }
    sqlite::Statement* operator->() const { return &m_statement; }

   private:
    sqlite::Statement& m_statement;
  };

  /// Compiles the statement at its first use and keeps it.
  Use use(std::string_view sql) {
    const auto found = m_statements.find(sql);
    if (found != m_statements.end()) return Use(found->second);
    return Use(m_statements.emplace(sql, m_database.prepare(sql)).first->second);
  }

  template <typename Row>
  void run(const Write<Row>& write, const Row& row) {
    const auto statement = use(write.sql);
    write.bind(*statement, row);
    statement->run();
  }

 private:
  sqlite::Database& m_database;
  std::map<std::string, sqlite::Statement, std::less<>> m_statements;
};

}  // namespace concd::store
