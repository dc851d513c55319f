#include "lib/sqlite/transaction.hpp"

#include "lib/sqlite/database.hpp"
#include "lib/sqlite/error.hpp"

namespace concd::sqlite {
namespace {

// A rollback that fails leaves nothing more to do: SQLite then rolls back itself, at the latest on closing.
void execute_quietly(Database& database, const char* sql) noexcept {
  try {
    database.execute(sql);
  } catch (const std::exception&) {
  }
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

Savepoint::Savepoint(Database& database) : m_database(database) {
  database.execute("SAVEPOINT work");
}

Savepoint::~Savepoint() {
  if (m_open && m_database.in_transaction()) execute_quietly(m_database, "ROLLBACK TO work; RELEASE work");
}

void Savepoint::keep() {
  m_database.execute("RELEASE work");
  m_open = false;
}

}  // namespace concd::sqlite
