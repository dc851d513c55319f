#include "store/open.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/sqlite/error.hpp"
#include "store/error.hpp"
#include "store/schema.hpp"
#include "util/crash_point.hpp"
#include "util/errno_error.hpp"
#include "util/file.hpp"

namespace concd::store {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using Path = fs::path;

/// Longer than another program's short look at the file, shorter than a person would wait.
constexpr auto k_busy_timeout = 250ms;

/// Bytes that the write-ahead log is cut to once its content is in the file.
constexpr auto k_log_limit = 16 << 20;

/// The file format's header, <https://sqlite.org/fileformat2.html#the_database_header>.
constexpr std::string_view k_magic("SQLite format 3\0", 16);
constexpr std::size_t k_header_size = 100;
constexpr std::size_t k_version_offset = 60;
constexpr std::size_t k_application_offset = 68;
using Header = std::array<unsigned char, k_header_size>;

std::uint32_t big_endian(const Header& header, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | header[offset + i];
  return value;
}

DamagedError damaged(const Path& file, const std::string& how) {
  return DamagedError(fmt::format(
      "{} is damaged ({}): restore it from a backup, or let `concd --recover` save what can be read of it",
      file.string(), how));
}

DamagedError foreign(const Path& file) {
  return DamagedError(fmt::format(
      "{} is not a queue of concd: set another state_directory, or, if it was one, let `concd --recover` put "
      "a new one in its place",
      file.string()));
}

void check_version(const Path& file, std::uint64_t version) {
  if (version <= migrations().size()) return;
  throw StoreError(fmt::format(
      "{} was written by a newer concd (schema {}, this one knows {}): install that version again, or move "
      "the file away to start with an empty queue",
      file.string(), version, migrations().size()));
}

/// Looks at a file that is there by its bytes alone, before SQLite may touch it.
void look_at(const Path& file, int fd) {
  struct stat status{};
  check_errno(::fstat(fd, &status), file.string());
  if (!S_ISREG(status.st_mode)) throw StoreError(file.string() + " is not a regular file: move it away");
  if (status.st_size == 0) return;
  Header header{};
  const auto count = check_errno(::pread(fd, header.data(), header.size(), 0), file.string());
  if (static_cast<std::size_t>(count) < header.size() ||
      std::memcmp(header.data(), k_magic.data(), k_magic.size()) != 0 ||
      big_endian(header, k_application_offset) != k_application_id)
    throw foreign(file);
  check_version(file, big_endian(header, k_version_offset));
}

Path folder_of(const Path& file) {
  return file.parent_path().empty() ? Path(".") : file.parent_path();
}

/// What a database has beside its file. A log that outlived its file would be taken for one of the next.
void remove_companions(const Path& file) {
  for (const auto* const ending : {"-wal", "-journal", "-shm"}) fs::remove(file.string() + ending);
}

Path unfinished(const Path& file) {
  return file.string() + ".new";
}

void remove_unfinished(const Path& file) {
  fs::remove(unfinished(file));
  remove_companions(unfinished(file));
}

void use_log(sqlite::Database& database, const Path& file) {
  if (database.text("PRAGMA journal_mode = WAL") != "wal")
    throw StoreError(
        fmt::format("{} cannot have a write-ahead log: put it on another file system", file.string()));
}

/// Before anything is read or written. What is free is given back in steps, Queries::shrink().
void set_layout(sqlite::Database& database) {
  database.execute("PRAGMA auto_vacuum = INCREMENTAL");
}

/// Under another name until it has its schema: whoever finds the file, after a loss of power as well, finds a
/// whole one that says whose it is.
void make(const Path& file) {
  remove_unfinished(file);
  // SQLite gives its log the mode of the file. Whoever may read them reads URLs, which may hold passwords.
  (void)open_file(unfinished(file), O_WRONLY | O_CREAT | O_EXCL, 0600);
  crash_point("queue.made");
  {
    sqlite::Database database(unfinished(file));
    database.execute(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY");
    set_layout(database);
    migrate(database, migrations());
    crash_point("queue.migrated");
    use_log(database, file);
  }
  remove_companions(file);
  sync_folder(folder_of(file));
  crash_point("queue.ready");
  fs::rename(unfinished(file), file);
  crash_point("queue.renamed");
  sync_folder(folder_of(file));
  crash_point("queue.named");
}

void make_or_explain(const Path& file) {
  try {
    make(file);
  } catch (const std::system_error& error) {
    throw StoreError(fmt::format("{} cannot be made ({}): check the owner and mode of its folder",
                                 file.string(), error.code().message()));
  }
}

void look_at_or_make(const Path& file) {
  try {
    look_at(file, open_file(file, O_RDONLY | O_NONBLOCK).get());
    remove_unfinished(file);
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::no_such_file_or_directory) return make_or_explain(file);
    throw StoreError(fmt::format("{} cannot be read ({}): check its owner and mode", file.string(),
                                 error.code().message()));
  }
}

/// What must be known before anything may be written; reads only. The version may be another one than in the
/// file's header, where the newest is still in the write-ahead log. The check of all pages takes some 30 ms
/// for a queue of ten thousand jobs.
void check_content(sqlite::Database& database, const Path& file) {
  check_version(file, static_cast<std::uint64_t>(database.integer("PRAGMA user_version")));
  const auto verdict = database.text("PRAGMA quick_check(1)");
  if (verdict != "ok") throw damaged(file, verdict);
}

/// What the tables and indexes are, each as the statement that made it, in order.
std::vector<std::string> schema_of(sqlite::Database& database) {
  std::vector<std::string> statements;
  auto select = database.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY sql");
  while (select.step()) statements.push_back(select.text(0));
  return statements;
}

/// The check of all pages does not see that the name of a table or column is another one than was written.
void check_schema(sqlite::Database& database, const Path& file) {
  sqlite::Database model(":memory:");
  migrate(model, migrations());
  const auto found = schema_of(database);
  const auto expected = schema_of(model);
  if (!std::includes(found.begin(), found.end(), expected.begin(), expected.end()))
    throw damaged(file, "its tables are not as they were made");
}

/// SQLite makes the log when it is read first, which may be later, where the database had none until now; and
/// it syncs the log's name, too, but takes no notice of how that went.
void name_log(sqlite::Database& database, const Path& file) {
  (void)database.integer("PRAGMA user_version");
  try {
    sync_folder(folder_of(file));
  } catch (const std::system_error& error) {
    throw StoreError(fmt::format("{} cannot be used: {}", file.string(), error.what()));
  }
}

sqlite::Database open_checked(const Path& file) {
  sqlite::Database database(file);
  database.set_checkpoint_on_close(false);
  database.set_defensive();
  database.set_busy_timeout(k_busy_timeout);
  // Before the first access: then the log's index is on the heap and nobody else gets in.
  database.execute("PRAGMA locking_mode = EXCLUSIVE");
  check_content(database, file);
  database.execute(
      "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
      // URLs hold passwords: what is deleted is overwritten.
      "PRAGMA secure_delete = ON;"
      // Savepoints keep their undo log in memory instead of a file in TMPDIR.
      "PRAGMA temp_store = MEMORY;");
  // An empty file, too, gets its schema before it gets a log: from its first byte on it says whose it is.
  migrate(database, migrations());
  check_schema(database, file);
  use_log(database, file);
  name_log(database, file);
  crash_point("queue.opened");
  database.execute("PRAGMA journal_size_limit = " + std::to_string(k_log_limit));
  database.set_checkpoint_on_close(true);
  return database;
}

[[noreturn]] void explain(const sqlite::Error& error, const Path& file) {
  switch (error.code()) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw StoreError(fmt::format("{} is in use by another process: end it first", file.string()));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      throw damaged(file, sqlite3_errstr(error.code()));
    case SQLITE_FULL:
      throw StoreError(fmt::format("{} cannot be written: the disk is full", file.string()));
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      throw StoreError(
          fmt::format("{} cannot be written ({}): check the owner and mode of the file and its folder",
                      file.string(), sqlite3_errstr(error.extended_code())));
    default:
      throw StoreError(fmt::format("{} cannot be used: {}", file.string(), error.what()));
  }
}

}  // namespace

sqlite::Database open_database(const Path& file) {
  try {
    look_at_or_make(file);
    return open_checked(file);
  } catch (const sqlite::Error& error) {
    explain(error, file);
  }
}

}  // namespace concd::store
