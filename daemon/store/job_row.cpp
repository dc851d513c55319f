#include "store/job_row.hpp"

#include <array>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>
#include <sqlite3.h>

#include "lib/sqlite/error.hpp"
#include "lib/sqlite/values.hpp"

namespace concd::store {
namespace {

using sqlite::Columns;
using sqlite::Parameters;

constexpr auto k_fixed_columns =
    "source, name, urls, digest, size, wish, unpack, fresh_for, output, force, uid, gid, pid, token, created";
constexpr int k_fixed_count = 15;
constexpr auto k_changing_columns =
    "transfer, state, executor, started, finished, attempts, tries, mirror, stalled, contacted, "
    "next_try, "
    "reason, failure_kind, failure_retry_class, failure_message, failure_code, failure_retry_after, "
    "checkpoint_url, "
    "checkpoint_durable, checkpoint_total, checkpoint_etag, checkpoint_last_modified, received, total, path, "
    "released, mtime";
constexpr int k_changing_count = 27;

std::string placeholders(int count) {
  std::string text = "?";
  for (int i = 1; i < count; ++i) text += ", ?";
  return text;
}

[[noreturn]] void throw_damaged(job::Id id, std::string_view what) {
  throw sqlite::Error(
      SQLITE_CORRUPT,
      fmt::format("job {} in the database has a damaged {}; `concd --recover` saves the others", id, what));
}

template <typename T>
T require(const std::optional<T>& value, job::Id id, std::string_view what) {
  if (!value) throw_damaged(id, what);
  return *value;
}

// Sizes are unsigned in concd and signed in SQLite: the same 64 bits.
std::int64_t to_column(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

std::optional<std::int64_t> to_column(const std::optional<std::uint64_t>& value) {
  return value ? std::optional(to_column(*value)) : std::nullopt;
}

std::optional<std::int64_t> to_column(const std::optional<Microseconds>& value) {
  return value ? std::optional<std::int64_t>(value->count()) : std::nullopt;
}

std::optional<std::uint64_t> to_size(const std::optional<std::int64_t>& value) {
  return value ? std::optional(static_cast<std::uint64_t>(*value)) : std::nullopt;
}

std::optional<Microseconds> to_span(const std::optional<std::int64_t>& value) {
  return value ? std::optional(Microseconds(*value)) : std::nullopt;
}

std::vector<std::string> read_urls(const std::string& text, job::Id id) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_array()) throw_damaged(id, "list of URLs");
  std::vector<std::string> urls;
  for (const auto& url : json) {
    if (!url.is_string()) throw_damaged(id, "list of URLs");
    urls.push_back(url.get<std::string>());
  }
  return urls;
}

std::optional<job::Digest> read_digest(const std::optional<std::string>& text, job::Id id) {
  if (!text) return std::nullopt;
  return require(job::parse_digest(*text), id, "digest");
}

void bind_fixed(Parameters& row, const job::Job& job) {
  const auto& spec = job.spec;
  row.text(spec.source).text(spec.name).text(nlohmann::json(spec.urls).dump());
  row.optional_text(spec.digest ? std::optional(job::to_string(*spec.digest)) : std::nullopt);
  row.optional_integer(to_column(spec.size)).text(job::to_string(spec.executor)).integer(spec.unpack);
  row.optional_integer(to_column(spec.fresh_for)).text(spec.output).integer(spec.force);
  row.integer(job.peer.uid).integer(job.peer.gid).integer(job.peer.pid);
  row.optional_text(job.token.empty() ? std::nullopt : std::optional(job.token));
  row.integer(job.created.count());
}

void bind_failure(Parameters& row, const std::optional<job::Failure>& failure) {
  if (!failure) {
    row.null().null().null().null().null();
    return;
  }
  row.text(job::to_string(failure->kind)).text(job::to_string(failure->retry_class)).text(failure->message);
  row.integer(failure->code).optional_integer(to_column(failure->retry_after));
}

void bind_changing(Parameters& row, const job::Job& job) {
  row.integer(job.transfer).text(job::to_string(job.state)).text(job::to_string(job.executor));
  row.integer(job.started.count()).integer(job.finished.count());
  row.integer(job.attempts).integer(job.tries).integer(job.mirror).integer(job.stalled.count());
  row.integer(job.contacted).integer(job.next_try.count()).text(job.reason);
  bind_failure(row, job.failure);
  const auto& checkpoint = job.checkpoint;
  row.text(checkpoint.url)
      .integer(to_column(checkpoint.durable))
      .optional_integer(to_column(checkpoint.total));
  row.text(checkpoint.validators.etag).text(checkpoint.validators.last_modified);
  row.integer(to_column(job.progress.received)).optional_integer(to_column(job.progress.total));
  row.text(job.path).integer(job.released).integer(job.mtime.count());
}

void read_fixed(Columns& row, job::Job& job) {
  auto& spec = job.spec;
  spec.source = row.text();
  spec.name = row.text();
  spec.urls = read_urls(row.text(), job.id);
  spec.digest = read_digest(row.optional_text(), job.id);
  spec.size = to_size(row.optional_integer());
  spec.executor = require(job::executor_kind_from_string(row.text()), job.id, "wish");
  spec.unpack = row.integer() != 0;
  spec.fresh_for = to_span(row.optional_integer());
  spec.output = row.text();
  spec.force = row.integer() != 0;
  job.peer.uid = static_cast<uid_t>(row.integer());
  job.peer.gid = static_cast<gid_t>(row.integer());
  job.peer.pid = static_cast<pid_t>(row.integer());
  job.token = row.optional_text().value_or("");
  job.created = Microseconds(row.integer());
}

std::optional<job::Failure> read_failure(Columns& row, job::Id id) {
  const auto kind = row.optional_text();
  const auto retry_class = row.text();
  auto message = row.text();
  const auto code = static_cast<int>(row.integer());
  const auto retry_after = to_span(row.optional_integer());
  if (!kind) return std::nullopt;
  return job::Failure{require(job::failure_kind_from_string(*kind), id, "failure"),
                      require(job::retry_class_from_string(retry_class), id, "retry_class"),
                      std::move(message), code, retry_after};
}

void read_changing(Columns& row, job::Job& job) {
  job.transfer = row.integer();
  job.state = require(job::state_from_string(row.text()), job.id, "state");
  job.executor = require(job::executor_kind_from_string(row.text()), job.id, "executor");
  job.started = Microseconds(row.integer());
  job.finished = Microseconds(row.integer());
  job.attempts = static_cast<std::uint32_t>(row.integer());
  job.tries = static_cast<std::uint32_t>(row.integer());
  job.mirror = static_cast<std::uint32_t>(row.integer());
  job.stalled = Microseconds(row.integer());
  job.contacted = row.integer() != 0;
  job.next_try = Microseconds(row.integer());
  job.reason = row.text();
  job.failure = read_failure(row, job.id);
  job.checkpoint.url = row.text();
  job.checkpoint.durable = static_cast<std::uint64_t>(row.integer());
  job.checkpoint.total = to_size(row.optional_integer());
  job.checkpoint.validators.etag = row.text();
  job.checkpoint.validators.last_modified = row.text();
  job.progress.received = static_cast<std::uint64_t>(row.integer());
  job.progress.total = to_size(row.optional_integer());
  job.path = row.text();
  job.released = row.integer() != 0;
  job.mtime = Microseconds(row.integer());
}

}  // namespace

std::string select_job(const std::string& rest) {
  return fmt::format("SELECT id, {}, {} FROM job {}", k_fixed_columns, k_changing_columns, rest);
}

std::string insert_job_sql() {
  return fmt::format("INSERT INTO job (id, {}, {}) VALUES ({})", k_fixed_columns, k_changing_columns,
                     placeholders(1 + k_fixed_count + k_changing_count));
}

std::string update_job_sql() {
  return fmt::format("UPDATE job SET ({}) = ({}) WHERE id = ?", k_changing_columns,
                     placeholders(k_changing_count));
}

void bind_new_job(sqlite::Statement& statement, const job::Job& job) {
  Parameters row(statement);
  row.optional_integer(job.id == 0 ? std::nullopt : std::optional(job.id));
  bind_fixed(row, job);
  bind_changing(row, job);
}

void bind_changed_job(sqlite::Statement& statement, const job::Job& job) {
  Parameters row(statement);
  bind_changing(row, job);
  row.integer(job.id);
}

job::Job read_job(const sqlite::Statement& statement) {
  Columns row(statement);
  job::Job job;
  job.id = row.integer();
  read_fixed(row, job);
  read_changing(row, job);
  if (job.mirror >= job.spec.urls.size()) throw_damaged(job.id, "list of URLs");
  return job;
}

}  // namespace concd::store
