#pragma once

#include <stdexcept>
#include <string>

struct sqlite3;

namespace concd::sqlite {

/// A failed call of SQLite: "FILE: what SQLite says". <https://sqlite.org/rescode.html>
class Error : public std::runtime_error {
 public:
  Error(int extended_code, const std::string& message)
      : std::runtime_error(message), m_extended_code(extended_code) {}

  /// The extended result code, e.g. SQLITE_IOERR_WRITE.
  [[nodiscard]] int extended_code() const noexcept { return m_extended_code; }
  /// The primary result code, e.g. SQLITE_IOERR.
  [[nodiscard]] int code() const noexcept { return m_extended_code & 0xff; }

 private:
  int m_extended_code;
};

/// The error of the last call on `database`, which returned `code`. It holds no bound value.
[[nodiscard]] Error last_error(sqlite3* database, int code);

}  // namespace concd::sqlite
