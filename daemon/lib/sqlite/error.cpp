#include "lib/sqlite/error.hpp"

#include <sqlite3.h>

namespace concd::sqlite {

Error last_error(sqlite3* database, int code) {
  // The connection knows more than the code, unless it has not seen the failure (SQLITE_MISUSE).
  const bool seen = sqlite3_errcode(database) != SQLITE_OK;
  const char* file = sqlite3_db_filename(database, "main");
  const std::string context = file == nullptr ? "database" : file;
  if (!seen) return {code, context + ": " + sqlite3_errstr(code)};
  return {sqlite3_extended_errcode(database), context + ": " + sqlite3_errmsg(database)};
}

}  // namespace concd::sqlite
