#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "lib/sqlite/statement.hpp"

struct sqlite3;

namespace concd::sqlite {

/// Owns a connection; move-only. Used by one thread at a time (SQLITE_OPEN_NOMUTEX). All throw Error.
class Database {
 public:
  /// Opens `file`, which must be there, for reading and writing.
  explicit Database(const std::filesystem::path& file);

  /// Runs one or more statements and drops their rows.
  void execute(const std::string& sql);
  /// The first column of the first row; 0 when there is none. For pragmas.
  [[nodiscard]] std::int64_t integer(const std::string& sql);
  /// The same as text; empty when there is none.
  [[nodiscard]] std::string text(const std::string& sql);
  /// Compiles one statement that lives no longer than the database.
  [[nodiscard]] Statement prepare(std::string_view sql);

  /// How long a locked database is waited for.
  void set_busy_timeout(std::chrono::milliseconds timeout);
  /// Whether closing moves the write-ahead log into the file, as it does at first. Off: closing writes
  /// nothing.
  void set_checkpoint_on_close(bool enabled);
  /// Refuses what could damage the file by SQL alone, SQLITE_DBCONFIG_DEFENSIVE.
  void set_defensive();

  /// True between BEGIN and its COMMIT or ROLLBACK; SQLite may roll back by itself on a failure.
  [[nodiscard]] bool in_transaction() const noexcept;

 private:
  struct Close {
    void operator()(sqlite3* handle) const noexcept;
  };
  std::unique_ptr<sqlite3, Close> m_handle;
};

}  // namespace concd::sqlite
