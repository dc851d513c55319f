#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3_stmt;

namespace concd::sqlite {

/// Owns a prepared statement; move-only. Parameters count from 1, columns from 0, as in SQLite. What can fail
/// throws Error.
class Statement {
 public:
  /// Takes `handle` over.
  explicit Statement(sqlite3_stmt* handle) noexcept : m_handle(handle) {}

  void bind(int parameter, std::int64_t value);
  /// Copies the text.
  void bind(int parameter, std::string_view value);
  void bind_null(int parameter);

  /// Runs up to the next row; false at the end.
  [[nodiscard]] bool step();
  /// Runs to the end.
  void run();
  /// Makes it ready to be bound and run again; ends what it read.
  void reset() noexcept;

  [[nodiscard]] bool is_null(int column) const noexcept;
  [[nodiscard]] std::int64_t integer(int column) const noexcept;
  [[nodiscard]] std::string text(int column) const;

 private:
  void check(int code) const;

  struct Finalize {
    void operator()(sqlite3_stmt* handle) const noexcept;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> m_handle;
};

}  // namespace concd::sqlite
