#include "lib/sqlite/database.hpp"

#include <sqlite3.h>

#include "lib/sqlite/error.hpp"

namespace concd::sqlite {

void Database::Close::operator()(sqlite3* handle) const noexcept {
  sqlite3_close_v2(handle);
}

Database::Database(const std::filesystem::path& file) {
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
  m_handle.reset(handle);  // there is a handle to close even when opening failed
  if (code != SQLITE_OK) throw Error(code, file.string() + ": " + sqlite3_errstr(code));
}

void Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(m_handle.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) throw last_error(m_handle.get(), code);
}

std::int64_t Database::integer(const std::string& sql) {
  auto statement = prepare(sql);
  return statement.step() ? statement.integer(0) : 0;
}

std::string Database::text(const std::string& sql) {
  auto statement = prepare(sql);
  return statement.step() ? statement.text(0) : std::string();
}

Statement Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(m_handle.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) throw last_error(m_handle.get(), code);
  return Statement(statement);
}

void Database::set_busy_timeout(std::chrono::milliseconds timeout) {
  sqlite3_busy_timeout(m_handle.get(), static_cast<int>(timeout.count()));
}

void Database::set_checkpoint_on_close(bool enabled) {
  const int code =
      sqlite3_db_config(m_handle.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, enabled ? 0 : 1, nullptr);
  if (code != SQLITE_OK) throw last_error(m_handle.get(), code);
}

void Database::set_defensive() {
  const int code = sqlite3_db_config(m_handle.get(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  if (code != SQLITE_OK) throw last_error(m_handle.get(), code);
}

bool Database::in_transaction() const noexcept {
  return sqlite3_get_autocommit(m_handle.get()) == 0;
}

}  // namespace concd::sqlite
