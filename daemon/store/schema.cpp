#include "store/schema.hpp"

#include <array>
#include <string>

#include "lib/sqlite/database.hpp"
#include "lib/sqlite/transaction.hpp"

namespace concd::store {
namespace {

constexpr auto k_version_1 = R"sql(
-- Times are microseconds since the epoch, 0 when not yet; spans are microseconds; sizes are bytes.

-- What is fetched once for all the jobs that want it.
CREATE TABLE transfer (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- What is fetched; never changed.
  name TEXT NOT NULL,                -- of the catalog; empty for a URL
  urls TEXT NOT NULL,                -- JSON array, mirrors in order
  digest TEXT,                       -- ALGORITHM:HEX
  expected_size INTEGER,
  requested_executor TEXT NOT NULL,  -- auto, thread or process
  unpack INTEGER NOT NULL,
  -- How it goes.
  mirror INTEGER NOT NULL,           -- index into urls
  -- What is known to be on disk of the partial file.
  checkpoint_part INTEGER NOT NULL,  -- number of the partial file; 0: none
  checkpoint_url TEXT NOT NULL,
  checkpoint_extents TEXT NOT NULL,  -- JSON array of [offset, length]
  checkpoint_total INTEGER,
  checkpoint_etag TEXT NOT NULL,
  checkpoint_last_modified TEXT NOT NULL,
  -- What has been tried.
  started INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  waits INTEGER NOT NULL,
  furthest INTEGER NOT NULL,
  stalled INTEGER NOT NULL,
  tried_for INTEGER NOT NULL,
  contacted INTEGER NOT NULL,
  met_public INTEGER NOT NULL,       -- bit N: the host of URL N was on the internet
  failure_kind TEXT,                 -- NULL: no failure
  failure_retry_class TEXT,
  failure_message TEXT,
  failure_code INTEGER,
  failure_retry_after INTEGER,
  phase TEXT NOT NULL,
  running_executor TEXT,             -- thread or process; NULL unless running
  wait_kind TEXT,                    -- NULL, as what follows, unless waiting
  wait_limit TEXT,
  wait_running INTEGER,
  wait_host TEXT,
  wait_needed INTEGER,
  wait_free INTEGER,
  wait_message TEXT,
  wait_until INTEGER,
  size INTEGER NOT NULL,             -- of the published file
  mtime INTEGER NOT NULL
) STRICT;

-- What a caller asked for.
CREATE TABLE job (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  transfer INTEGER NOT NULL REFERENCES transfer (id),
  uid INTEGER NOT NULL,
  gid INTEGER NOT NULL,
  pid INTEGER NOT NULL,
  standing TEXT NOT NULL,
  priority TEXT NOT NULL,
  force INTEGER NOT NULL,
  released INTEGER NOT NULL,
  token TEXT,                        -- the caller's own key
  output TEXT NOT NULL,
  created INTEGER NOT NULL,
  finished INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX job_token ON job (uid, token) WHERE token IS NOT NULL;
CREATE INDEX job_transfer ON job (transfer);
CREATE INDEX job_unfinished ON job (id) WHERE standing IN ('active', 'paused');
CREATE INDEX job_ended ON job (finished, id) WHERE standing IN ('done', 'failed', 'cancelled');
CREATE INDEX job_ended_of_user ON job (uid, finished, id) WHERE standing IN ('done', 'failed', 'cancelled');

-- The published files of the library.
CREATE TABLE artifact (
  name TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  etag TEXT NOT NULL,
  last_modified TEXT NOT NULL,
  size INTEGER NOT NULL,
  digest TEXT NOT NULL,              -- ALGORITHM:HEX; empty: none was expected
  fetched_at INTEGER NOT NULL,
  -- Of the file or folder itself when it was published, stat(2); times in nanoseconds.
  inode INTEGER NOT NULL,
  mtime INTEGER NOT NULL,
  ctime INTEGER NOT NULL
) STRICT;

-- One row: up to when time has been seen to pass, so that a clock that is ahead makes nothing old.
CREATE TABLE clock (
  id INTEGER PRIMARY KEY CHECK (id = 0),
  seen INTEGER NOT NULL
) STRICT;
)sql";

constexpr auto k_version_2 = R"sql(
-- A file that a caller handed over to be fetched into; 0: none.
ALTER TABLE transfer ADD COLUMN into_job INTEGER NOT NULL DEFAULT 0;
ALTER TABLE transfer ADD COLUMN into_uid INTEGER NOT NULL DEFAULT 0;
ALTER TABLE transfer ADD COLUMN into_inode INTEGER NOT NULL DEFAULT 0;
-- That file is this job's caller's.
ALTER TABLE job ADD COLUMN direct INTEGER NOT NULL DEFAULT 0;
)sql";

constexpr std::array k_migrations{k_version_1, k_version_2};

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
