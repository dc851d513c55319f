#include "store/queries.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include <spdlog/fmt/fmt.h>

#include "lib/sqlite/database.hpp"
#include "lib/sqlite/values.hpp"
#include "store/artifact_row.hpp"
#include "store/job_row.hpp"

namespace concd::store {
namespace {

using sqlite::Columns;
using sqlite::Parameters;
using sqlite::Statement;

// The same words as in the partial indices, or SQLite would not use them.
constexpr auto k_unfinished = "state IN ('queued', 'running', 'waiting', 'paused')";
constexpr auto k_ended = "state IN ('done', 'failed', 'cancelled')";

std::vector<job::Job> read_jobs(Statement& statement) {
  std::vector<job::Job> jobs;
  while (statement.step()) jobs.push_back(read_job(statement));
  return jobs;
}

std::optional<job::Job> read_one_job(Statement& statement) {
  if (!statement.step()) return std::nullopt;
  return read_job(statement);
}

}  // namespace

class Queries::Statements {
 public:
  explicit Statements(sqlite::Database& database) : m_database(database) {}

  /// A statement in use; it is ready for the next use when this ends, whatever happens in between.
  class Use {
   public:
    explicit Use(Statement& statement) : m_statement(statement) {}
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use() { m_statement.reset(); }
    Statement& operator*() const { return m_statement; }
    Statement* operator->() const { return &m_statement; }

   private:
    Statement& m_statement;
  };

  /// Compiles the statement at its first use and keeps it.
  Use use(const std::string& sql) {
    const auto found = m_statements.find(sql);
    if (found != m_statements.end()) return Use(found->second);
    return Use(m_statements.emplace(sql, m_database.prepare(sql)).first->second);
  }

 private:
  sqlite::Database& m_database;
  std::map<std::string, Statement, std::less<>> m_statements;
};

Queries::Queries(sqlite::Database& database)
    : m_database(database), m_statements(std::make_unique<Statements>(database)) {}

Queries::~Queries() = default;

job::Id Queries::insert_job(const job::Job& job) {
  static const auto k_sql = insert_job_sql();
  const auto insert = m_statements->use(k_sql);
  bind_new_job(*insert, job);
  insert->run();
  const auto id = m_database.last_insert_id();
  if (job.transfer == 0) {
    const auto own = m_statements->use("UPDATE job SET transfer = id WHERE id = ?");
    Parameters(*own).integer(id);
    own->run();
  }
  return id;
}

void Queries::update_job(const job::Job& job) {
  static const auto k_sql = update_job_sql();
  const auto update = m_statements->use(k_sql);
  bind_changed_job(*update, job);
  update->run();
}

void Queries::update_checkpoint(job::Id transfer, const job::Checkpoint& checkpoint) {
  // All jobs of the transfer get it: each may be the one that is left to go on with it.
  const auto update = m_statements->use(
      "UPDATE job SET checkpoint_url = ?, checkpoint_durable = ?, checkpoint_total = ?, checkpoint_etag = ?,"
      " checkpoint_last_modified = ? WHERE transfer = ?");
  Parameters row(*update);
  row.text(checkpoint.url).integer(static_cast<std::int64_t>(checkpoint.durable));
  row.optional_integer(checkpoint.total ? std::optional(static_cast<std::int64_t>(*checkpoint.total))
                                        : std::nullopt);
  row.text(checkpoint.validators.etag).text(checkpoint.validators.last_modified).integer(transfer);
  update->run();
}

std::optional<job::Job> Queries::job_by_id(job::Id id) {
  static const auto k_sql = select_job("WHERE id = ?");
  const auto select = m_statements->use(k_sql);
  Parameters(*select).integer(id);
  return read_one_job(*select);
}

std::optional<job::Job> Queries::job_by_token(uid_t uid, const std::string& token) {
  static const auto k_sql = select_job("WHERE uid = ? AND token = ?");
  const auto select = m_statements->use(k_sql);
  Parameters(*select).integer(uid).text(token);
  return read_one_job(*select);
}

std::vector<job::Job> Queries::unfinished_jobs() {
  static const auto k_sql = select_job(fmt::format("WHERE {} ORDER BY id", k_unfinished));
  const auto select = m_statements->use(k_sql);
  return read_jobs(*select);
}

std::vector<job::Job> Queries::newest_jobs(std::optional<job::Id> before, std::size_t limit) {
  static const auto k_sql = select_job("WHERE id < ? ORDER BY id DESC LIMIT ?");
  const auto select = m_statements->use(k_sql);
  Parameters(*select)
      .integer(before.value_or(std::numeric_limits<job::Id>::max()))
      .integer(static_cast<std::int64_t>(limit));
  auto jobs = read_jobs(*select);
  std::ranges::reverse(jobs);
  return jobs;
}

std::size_t Queries::holders_of_transfer(job::Id transfer) {
  const auto select = m_statements->use(
      "SELECT count(*) FROM job WHERE transfer = ? AND NOT released AND state NOT IN ('failed', "
      "'cancelled')");
  Parameters(*select).integer(transfer);
  return select->step() ? static_cast<std::size_t>(select->integer(0)) : 0;
}

bool Queries::is_result_held(job::Id transfer) {
  const auto select =
      m_statements->use("SELECT 1 FROM job WHERE transfer = ? AND NOT released AND state = 'done' LIMIT 1");
  Parameters(*select).integer(transfer);
  return select->step();
}

std::vector<Prunable> Queries::prunable_jobs(Microseconds time, std::size_t keep) {
  // Both halves read the index of ended jobs only.
  static const auto k_sql = fmt::format(
      "SELECT id, transfer FROM job WHERE id IN (SELECT id FROM job WHERE {0} AND finished < ? UNION"
      " SELECT * FROM (SELECT id FROM job WHERE {0} ORDER BY finished DESC, id DESC LIMIT -1 OFFSET ?))"
      " ORDER BY id LIMIT ?",
      k_ended);
  const auto select = m_statements->use(k_sql);
  Parameters(*select)
      .integer(time.count())
      .integer(static_cast<std::int64_t>(keep))
      .integer(static_cast<std::int64_t>(k_prune_limit));
  std::vector<Prunable> jobs;
  while (select->step()) jobs.push_back({select->integer(0), select->integer(1)});
  return jobs;
}

void Queries::delete_job(job::Id id) {
  const auto remove = m_statements->use("DELETE FROM job WHERE id = ?");
  Parameters(*remove).integer(id);
  remove->run();
}

void Queries::put_artifact(const job::Artifact& artifact) {
  static const auto k_sql = put_artifact_sql();
  const auto put = m_statements->use(k_sql);
  bind_artifact(*put, artifact);
  put->run();
}

std::optional<job::Artifact> Queries::artifact(const std::string& name) {
  static const auto k_sql = select_artifact("WHERE name = ?");
  const auto select = m_statements->use(k_sql);
  Parameters(*select).text(name);
  if (!select->step()) return std::nullopt;
  return read_artifact(*select);
}

std::vector<job::Artifact> Queries::artifacts() {
  static const auto k_sql = select_artifact("ORDER BY name");
  const auto select = m_statements->use(k_sql);
  std::vector<job::Artifact> all;
  while (select->step()) all.push_back(read_artifact(*select));
  return all;
}

}  // namespace concd::store
