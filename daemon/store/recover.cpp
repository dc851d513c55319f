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

/// Copies the damaged file and its log, so that nothing that is tried here can make it worse.
fs::path set_aside(const fs::path& file) {
  const auto aside = with(file, ".damaged-" + timestamp());
  copy_synced(file, aside);
  if (fs::exists(with(file, "-wal"))) copy_synced(with(file, "-wal"), with(aside, "-wal"));
  sync_folder(file.parent_path());
  return aside;
}

/// The highest number that a row of the table may have.
std::int64_t last_row(sqlite::Database& database, const std::string& table) {
  try {
    if (const auto last = database.integer("SELECT max(rowid) FROM " + table); last > 0) return last;
  } catch (const sqlite::Error&) {
  }
  return k_no_end;
}

/// Passes each row that can be read to `take`, by its number, and jumps over the others in steps that grow
/// while nothing is found. `sql` asks for the first row beyond a number, the number being its first column.
/// Returns how many were taken.
std::size_t salvage(sqlite::Database& database, const std::string& table, const std::string& sql,
                    const std::function<void(const sqlite::Statement&)>& take) {
  const auto last = last_row(database, table);
  std::size_t taken = 0;
  std::int64_t step = 1;
  for (std::int64_t after = 0; after < last;) {
    std::int64_t reached = after;
    try {
      auto row = database.prepare(sql);
      sqlite::Parameters(row).integer(after);
      if (!row.step()) break;
      reached = std::max(row.integer(0), after + 1);
      take(row);
      after = reached;
      ++taken;
      step = 1;
    } catch (const sqlite::Error&) {
      const bool is_known = reached > after;  // a row is there, only not understood
      after = is_known ? reached : after + step;
      step = is_known ? 1 : step * 2;
    }
  }
  return taken;
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
    recovered.jobs = salvage(source, "job", select_job("WHERE id > ? ORDER BY id LIMIT 1"),
                             [&](const auto& row) { queries.insert_job(read_job(row)); });
    recovered.artifacts =
        salvage(source, "artifact", select_artifact("WHERE rowid > ? ORDER BY rowid LIMIT 1"),
                [&](const auto& row) { queries.put_artifact(read_artifact(row)); });
  } catch (const sqlite::Error&) {
    // Not even its schema can be read: what was found until here is all there is.
  }
  transaction.commit();
}

void remove_database(const fs::path& file) {
  for (const auto* const ending : {"", "-wal", "-shm", "-journal"}) fs::remove(with(file, ending));
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
  recovered.aside = set_aside(file);
  const auto fresh = with(file, ".recovering");
  remove_database(fresh);
  salvage_into(recovered.aside, fresh, recovered);
  // Looking at it may have left one.
  if (const auto log = with(recovered.aside, "-wal"); fs::exists(log) && fs::is_empty(log)) fs::remove(log);
  // The old log must not be taken for one of the new file.
  fs::remove(with(file, "-wal"));
  sync_folder(file.parent_path());
  fs::rename(fresh, file);
  sync_folder(file.parent_path());
  return recovered;
}

}  // namespace concd::store
