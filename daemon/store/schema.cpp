#include "store/schema.hpp"

#include <array>
#include <string>

#include "lib/sqlite/database.hpp"
#include "lib/sqlite/transaction.hpp"

namespace concd::store {
namespace {

constexpr auto k_version_1 = R"sql(
-- Times are microseconds since the epoch, 0 when not yet; spans are microseconds; sizes are bytes.
CREATE TABLE job (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- What was asked for, and by whom; never changed.
  source TEXT NOT NULL,
  name TEXT NOT NULL,                -- of the catalog; empty for a URL
  urls TEXT NOT NULL,                -- JSON array, mirrors in order
  digest TEXT,                       -- ALGORITHM:HEX
  size INTEGER,
  wish TEXT NOT NULL,                -- auto, thread or process
  unpack INTEGER NOT NULL,
  fresh_for INTEGER,
  output TEXT NOT NULL,
  force INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  gid INTEGER NOT NULL,
  pid INTEGER NOT NULL,
  token TEXT,                        -- the caller's own key
  created INTEGER NOT NULL,
  -- How it goes.
  transfer INTEGER NOT NULL,         -- the job whose transfer serves this one
  state TEXT NOT NULL,
  executor TEXT NOT NULL,            -- what the wish became
  started INTEGER NOT NULL,
  finished INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  mirror INTEGER NOT NULL,           -- index into urls
  stalled INTEGER NOT NULL,        -- how long no byte has arrived though it was tried
  contacted INTEGER NOT NULL,
  next_try INTEGER NOT NULL,
  reason TEXT NOT NULL,              -- why it waits
  failure_kind TEXT,                 -- NULL: no failure
  failure_retry_class TEXT,
  failure_message TEXT,
  failure_code INTEGER,
  failure_retry_after INTEGER,
  -- What is known to be on disk of the partial file.
  checkpoint_url TEXT NOT NULL,
  checkpoint_durable INTEGER NOT NULL,
  checkpoint_total INTEGER,
  checkpoint_etag TEXT NOT NULL,
  checkpoint_last_modified TEXT NOT NULL,
  received INTEGER NOT NULL,
  total INTEGER,
  path TEXT NOT NULL,                -- the published file
  released INTEGER NOT NULL,
  mtime INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX job_token ON job (uid, token) WHERE token IS NOT NULL;
CREATE INDEX job_transfer ON job (transfer);
CREATE INDEX job_unfinished ON job (id) WHERE state IN ('queued', 'running', 'waiting', 'paused');
CREATE INDEX job_ended ON job (finished, id) WHERE state IN ('done', 'failed', 'cancelled');

-- The published files of the library.
CREATE TABLE artifact (
  name TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  etag TEXT NOT NULL,
  last_modified TEXT NOT NULL,
  size INTEGER NOT NULL,
  digest TEXT NOT NULL,              -- ALGORITHM:HEX; empty: none was expected
  fetched_at INTEGER NOT NULL
) STRICT;
)sql";

constexpr std::array k_migrations{k_version_1};

}  // namespace

std::span<const char* const> migrations() {
  return k_migrations;
}

void migrate(sqlite::Database& database, std::span<const char* const> steps) {
  const auto version = static_cast<std::size_t>(database.integer("PRAGMA user_version"));
  for (std::size_t next = version; next < steps.size(); ++next) {
    sqlite::Transaction transaction(database);
    database.execute(steps[next]);
    database.execute("PRAGMA application_id = " + std::to_string(k_application_id));
    database.execute("PRAGMA user_version = " + std::to_string(next + 1));
    transaction.commit();
  }
}

}  // namespace concd::store
