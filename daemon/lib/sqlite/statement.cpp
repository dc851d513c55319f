#include "lib/sqlite/statement.hpp"

#include <sqlite3.h>

#include "lib/sqlite/error.hpp"

namespace concd::sqlite {

void Statement::Finalize::operator()(sqlite3_stmt* handle) const noexcept {
  sqlite3_finalize(handle);
}

void Statement::check(int code) const {
  if (code != SQLITE_OK) throw last_error(sqlite3_db_handle(m_handle.get()), code);
}

void Statement::bind(int parameter, std::int64_t value) {
  check(sqlite3_bind_int64(m_handle.get(), parameter, value));
}

void Statement::bind(int parameter, std::string_view value) {
  // A view may have a null pointer when empty, which SQLite would take for NULL.
  const char* data = value.empty() ? "" : value.data();
  check(sqlite3_bind_text64(m_handle.get(), parameter, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::bind_null(int parameter) {
  check(sqlite3_bind_null(m_handle.get(), parameter));
}

bool Statement::step() {
  const int code = sqlite3_step(m_handle.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  throw last_error(sqlite3_db_handle(m_handle.get()), code);
}

void Statement::run() {
  while (step()) continue;
}

void Statement::reset() noexcept {
  sqlite3_reset(m_handle.get());
  sqlite3_clear_bindings(m_handle.get());
}

bool Statement::is_null(int column) const noexcept {
  return sqlite3_column_type(m_handle.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const noexcept {
  return sqlite3_column_int64(m_handle.get(), column);
}

std::string Statement::text(int column) const {
  const auto* data = sqlite3_column_text(m_handle.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(m_handle.get(), column));
  return data == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(data), size);
}

}  // namespace concd::sqlite
