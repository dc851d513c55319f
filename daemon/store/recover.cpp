#include "store/recover.hpp"

#include <cstdint>
#include <ctime>
#include <functional>

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <sqlite3.h>
#include <unistd.h>

#include "lib/sqlite/database.hpp"
#include "lib/sqlite/error.hpp"
#include "lib/sqlite/transaction.hpp"
#include "lib/sqlite/values.hpp"
#include "store/error.hpp"
#include "store/open.hpp"
#include "store/queries.hpp"
#include "store/tables.hpp"
#include "util/errno_error.hpp"
#include "util/file.hpp"
#include "util/scope_exit.hpp"

namespace concd::store {
namespace {

namespace fs = std::filesystem;

/// Higher than any row was ever numbered, where damage hides how many there were.
constexpr std::int64_t k_no_end = 1LL << 40;

fs::path with(const fs::path& file, const std::string& ending) {
  return file.string() + ending;
}

/// Now, in UTC: "20261123T074500Z".
std::string timestamp() {
  const auto now = ::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

void copy_synced(const fs::path& from, const fs::path& to) {
  fs::copy_file(from, to);
  check_errno(::fsync(open_file(to, O_RDONLY).get()), "sync " + to.string());
}

/// Where a copy of the damaged file goes, so that nothing that is tried with that can make it worse.
fs::path aside_of(const fs::path& file) {
  auto aside = with(file, ".damaged-" + timestamp());
  if (fs::exists(aside)) throw StoreError(aside.string() + " is there already: try again in a second");
  return aside;
}

void copy_database(const fs::path& file, const fs::path& aside) {
  copy_synced(file, aside);
  if (fs::exists(with(file, "-wal"))) copy_synced(with(file, "-wal"), with(aside, "-wal"));
  sync_folder(file.parent_path());
}

/// The highest number that a row of the table may have.
std::int64_t last_row(sqlite::Database& database, std::string_view table) {
  try {
    if (const auto last = database.integer(fmt::format("SELECT max(rowid) FROM {}", table)); last > 0)
      return last;
  } catch (const sqlite::Error&) {
  }
  return k_no_end;
}

/// Asks for the first row beyond a number, that number being its first column.
class RowReader {
 public:
  RowReader(sqlite::Database& database, std::string sql) : m_database(database), m_sql(std::move(sql)) {}

  /// Nothing: there is none. Throws sqlite::Error where the way to it is damaged.
  [[nodiscard]] std::optional<sqlite::Statement> first_beyond(std::int64_t number) const {
    auto row = m_database.prepare(m_sql);
    sqlite::Parameters(row).integer(number);
    if (!row.step()) return std::nullopt;
    return row;
  }

  [[nodiscard]] bool is_readable_beyond(std::int64_t number) const {
    try {
      (void)first_beyond(number);
      return true;
    } catch (const sqlite::Error&) {
      return false;
    }
  }

 private:
  sqlite::Database& m_database;
  std::string m_sql;
};

/// A number beyond which rows can be read again, at or behind `last` if none; beyond `start` they cannot. Its
/// steps grow with what is lost already, so that little more is lost.
std::int64_t end_of_gap(const RowReader& rows, std::int64_t start, std::int64_t last) {
  auto end = start + 1;
  while (end < last && !rows.is_readable_beyond(end)) end += 1 + (end - start) / 16;
  return end;
}

/// Passes each row that can be read to `write`. Returns how many it wrote.
template <typename Row, typename Write>
std::size_t salvage(sqlite::Database& source, const Table<Row>& table, const Write& write) {
  const RowReader rows(source, fmt::format("SELECT rowid, {} FROM {} WHERE rowid > ? ORDER BY rowid LIMIT 1",
                                           column_list(table), table.name));
  const auto last = last_row(source, table.name);
  std::size_t count = 0;
  for (std::int64_t number = 0; number < last;) {
    auto reached = number;
    try {
      const auto row = rows.first_beyond(number);
      if (!row) break;
      reached = std::max(row->integer(0), number + 1);
      write(read_row(table, *row, 1));
      ++count;
    } catch (const sqlite::Error&) {
      // A row that is there and cannot be understood is left out alone.
      if (reached == number) reached = end_of_gap(rows, number, last);
    }
    number = reached;
  }
  return count;
}

/// A row of a damaged table may contradict another one; then the first counts.
void write_row(const fs::path& fresh, const std::function<void()>& write) {
  try {
    write();
  } catch (const sqlite::Error& error) {
    if (error.code() == SQLITE_CONSTRAINT) throw;
    throw StoreError(fmt::format("{} cannot be written: {}", fresh.string(), error.what()));
  }
}

/// A job whose transfer was not saved cannot be saved either: it is counted.
void write_job(Queries& queries, const job::Job& job, Recovered& recovered) {
  try {
    queries.insert_job(job);
  } catch (const sqlite::Error& error) {
    if (error.extended_code() == SQLITE_CONSTRAINT_FOREIGNKEY) ++recovered.lost_jobs;
    throw;
  }
}

void salvage_rows(sqlite::Database& source, Queries& queries, const fs::path& fresh, Recovered& recovered) {
  salvage(source, k_transfer_table, [&](const job::Transfer& transfer) {
    write_row(fresh, [&] { queries.insert_transfer(transfer); });
  });
  recovered.jobs = salvage(source, k_job_table, [&](const job::Job& job) {
    write_row(fresh, [&] { write_job(queries, job, recovered); });
  });
  recovered.artifacts = salvage(source, k_artifact_table, [&](const job::Artifact& artifact) {
    write_row(fresh, [&] { queries.put_artifact(artifact); });
  });
}

void raise_last_id(sqlite::Database& target, std::string_view table, job::Id last) {
  // A number that can be none of a row is damage.
  if (last >= k_no_end) return;
  target.execute(fmt::format(
      "INSERT INTO sqlite_sequence SELECT '{0}', 0 WHERE '{0}' NOT IN (SELECT name FROM sqlite_sequence);"
      "UPDATE sqlite_sequence SET seq = max(seq, {1}) WHERE name = '{0}'",
      table, last));
}

/// Reads what can be read of `aside` into the new database `fresh`.
void salvage_into(const fs::path& aside, const fs::path& fresh, Recovered& recovered) {
  auto target = open_database(fresh);
  Queries queries(target);
  sqlite::Transaction transaction(target);
  LastIds last;
  try {
    sqlite::Database source(aside);
    source.set_checkpoint_on_close(false);
    source.execute("PRAGMA locking_mode = EXCLUSIVE; PRAGMA query_only = ON");
    salvage_rows(source, queries, fresh, recovered);
    last = Queries(source).last_ids();
  } catch (const sqlite::Error&) {
    // Not even its schema can be read: what was found until here is all there is.
  }
  write_row(fresh, [&] {
    target.execute("DELETE FROM transfer WHERE id NOT IN (SELECT transfer FROM job)");
    // The numbers of those that are lost are known to their callers.
    raise_last_id(target, k_job_table.name, last.job);
    raise_last_id(target, k_transfer_table.name, last.transfer);
    transaction.commit();
  });
}

void remove_database(const fs::path& file) {
  for (const auto* const ending : {"", "-wal", "-shm", "-journal"}) fs::remove(with(file, ending));
}

void try_to_remove_database(const fs::path& file) noexcept {
  try {
    remove_database(file);
  } catch (const std::exception&) {
    // It is in nobody's way.
  }
}

template <typename Row>
void read_all(sqlite::Database& database, const Table<Row>& table) {
  auto select = database.prepare(fmt::format("SELECT {} FROM {}", column_list(table), table.name));
  while (select.step()) (void)read_row(table, select);
}

/// What quick_check does not see: whether the indexes have what the tables have, every row can be understood
/// and every job has its transfer. Throws sqlite::Error (SQLITE_CORRUPT).
void check_rows(sqlite::Database& database) {
  if (const auto verdict = database.text("PRAGMA integrity_check(1)"); verdict != "ok")
    throw sqlite::Error(SQLITE_CORRUPT, verdict);
  read_all(database, k_transfer_table);
  read_all(database, k_job_table);
  read_all(database, k_artifact_table);
  if (!database.text("PRAGMA foreign_key_check").empty())
    throw sqlite::Error(SQLITE_CORRUPT, "a job's transfer is missing");
}

bool is_damaged(const fs::path& file) {
  try {
    auto database = open_database(file);
    check_rows(database);
    return false;
  } catch (const DamagedError&) {
    return true;
  } catch (const sqlite::Error& error) {
    if (error.code() != SQLITE_CORRUPT) throw;
    return true;
  }
}

}  // namespace

std::optional<Recovered> recover(const fs::path& file) {
  if (!fs::exists(file) || !is_damaged(file)) return std::nullopt;
  Recovered recovered;
  recovered.aside = aside_of(file);
  const auto fresh = with(file, ".recovering");
  // Where space is short, tries that leave something behind would take the last of it.
  ScopeExit undo([&] {
    try_to_remove_database(fresh);
    try_to_remove_database(recovered.aside);
  });
  copy_database(file, recovered.aside);
  remove_database(fresh);
  salvage_into(recovered.aside, fresh, recovered);
  // Looking at it may have left one.
  if (const auto log = with(recovered.aside, "-wal"); fs::exists(log) && fs::is_empty(log)) fs::remove(log);
  undo.release();
  // The old log must not be taken for one of the new file.
  fs::remove(with(file, "-wal"));
  sync_folder(file.parent_path());
  fs::rename(fresh, file);
  sync_folder(file.parent_path());
  return recovered;
}

}  // namespace concd::store
