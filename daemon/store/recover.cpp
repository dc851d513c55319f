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
#include "store/artifact_row.hpp"
#include "store/error.hpp"
#include "store/job_row.hpp"
#include "store/open.hpp"
#include "store/queries.hpp"
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
std::int64_t last_row(sqlite::Database& database, const std::string& table) {
  try {
    if (const auto last = database.integer("SELECT max(rowid) FROM " + table); last > 0) return last;
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

/// A number beyond which rows can be read again, at or behind `last` if none; beyond `start` they can't. Its
/// steps grow with what is lost already, so that little more is lost.
std::int64_t end_of_gap(const RowReader& rows, std::int64_t start, std::int64_t last) {
  auto end = start + 1;
  while (end < last && !rows.is_readable_beyond(end)) end += 1 + (end - start) / 16;
  return end;
}

/// Passes what `read` makes of each row that can be read to `write`. Returns how many there were.
template <class Read, class Write>
std::size_t salvage(sqlite::Database& source, const std::string& table, const std::string& sql,
                    const Read& read, const Write& write) {
  const RowReader rows(source, sql);
  const auto last = last_row(source, table);
  std::size_t count = 0;
  for (std::int64_t number = 0; number < last;) {
    auto reached = number;
    try {
      const auto row = rows.first_beyond(number);
      if (!row) break;
      reached = std::max(row->integer(0), number + 1);
      write(read(*row));
      ++count;
    } catch (const sqlite::Error&) {
      // A row that is there and can't be understood is left out alone.
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
    throw StoreError(fmt::format("{} can't be written: {}", fresh.string(), error.what()));
  }
}

/// Reads what can be read of `aside` into the new database `fresh`.
void salvage_into(const fs::path& aside, const fs::path& fresh, Recovered& recovered) {
  auto target = open_database(fresh);
  Queries queries(target);
  sqlite::Transaction transaction(target);
  try {
    sqlite::Database source(aside);
    source.set_checkpoint_on_close(false);
    source.execute("PRAGMA locking_mode = EXCLUSIVE; PRAGMA query_only = ON");
    recovered.jobs =
        salvage(source, "job", select_job("WHERE id > ? ORDER BY id LIMIT 1"), read_job,
                [&](const job::Job& job) { write_row(fresh, [&] { queries.insert_job(job); }); });
    recovered.artifacts = salvage(
        source, "artifact", select_artifact("WHERE rowid > ? ORDER BY rowid LIMIT 1"), read_artifact,
        [&](const job::Artifact& artifact) { write_row(fresh, [&] { queries.put_artifact(artifact); }); });
  } catch (const sqlite::Error&) {
    // Not even its schema can be read: what was found until here is all there is.
  }
  transaction.commit();
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

/// What quick_check does not see: whether every row can be understood.
void read_all(sqlite::Database& database) {
  Queries queries(database);
  constexpr std::size_t k_page = 1000;
  for (std::optional<job::Id> before;;) {
    const auto jobs = queries.newest_jobs(before, k_page);
    if (jobs.empty()) break;
    before = jobs.front().id;
  }
  (void)queries.artifacts();
}

bool is_damaged(const fs::path& file) {
  try {
    auto database = open_database(file);
    read_all(database);
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
  // Where there is no room, tries that leave something behind would take the last of it.
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
