#include "store/artifact_row.hpp"

#include <spdlog/fmt/fmt.h>

#include "lib/sqlite/values.hpp"

namespace concd::store {
namespace {

constexpr auto k_columns = "name, url, etag, last_modified, size, digest, fetched_at";

}  // namespace

std::string select_artifact(const std::string& rest) {
  return fmt::format("SELECT rowid, {} FROM artifact {}", k_columns, rest);
}

std::string put_artifact_sql() {
  return fmt::format("INSERT OR REPLACE INTO artifact ({}) VALUES (?, ?, ?, ?, ?, ?, ?)", k_columns);
}

void bind_artifact(sqlite::Statement& statement, const job::Artifact& artifact) {
  sqlite::Parameters row(statement);
  row.text(artifact.name).text(artifact.url);
  row.text(artifact.validators.etag).text(artifact.validators.last_modified);
  row.integer(static_cast<std::int64_t>(artifact.size)).text(artifact.digest);
  row.integer(artifact.fetched_at.count());
}

job::Artifact read_artifact(const sqlite::Statement& statement) {
  sqlite::Columns row(statement);
  [[maybe_unused]] const auto number = row.integer();
  job::Artifact artifact;
  artifact.name = row.text();
  artifact.url = row.text();
  artifact.validators.etag = row.text();
  artifact.validators.last_modified = row.text();
  artifact.size = static_cast<std::uint64_t>(row.integer());
  artifact.digest = row.text();
  artifact.fetched_at = Microseconds(row.integer());
  return artifact;
}

}  // namespace concd::store
