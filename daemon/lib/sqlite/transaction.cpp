#include "lib/sqlite/transaction.hpp"

#include "lib/sqlite/database.hpp"
#include "lib/sqlite/error.hpp"
#include "util/scope_exit.hpp"

namespace concd::sqlite {
namespace {

// A rollback that fails leaves nothing more to do: SQLite then rolls back itself, at the latest on closing.
void execute_quietly(Database& database, const char* sql) noexcept {
  try {
    database.execute(sql);
  } catch (const std::exception&) {
  }
}

void run_once(Statement& statement) {
  const ScopeExit reset([&] { statement.reset(); });
  statement.run();
}

}  // namespace

Transaction::Transaction(Database& database) : m_database(database) {
  database.execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (m_database.in_transaction()) execute_quietly(m_database, "ROLLBACK");
}

void Transaction::commit() {
  m_database.execute("COMMIT");
}

Savepoint::Statements::Statements(Database& database)
    : m_database(database),
      m_begin(database.prepare("SAVEPOINT work")),
      m_release(database.prepare("RELEASE work")) {}

Savepoint::Savepoint(Statements& statements) : m_statements(statements) {
  run_once(m_statements.m_begin);
}

Savepoint::~Savepoint() {
  if (m_open && m_statements.m_database.in_transaction())
    execute_quietly(m_statements.m_database, "ROLLBACK TO work; RELEASE work");
}

void Savepoint::keep() {
  run_once(m_statements.m_release);
  m_open = false;
}

}  // namespace concd::sqlite
