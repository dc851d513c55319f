#include "store/queries.hpp"

#include <algorithm>
#include <limits>

#include <spdlog/fmt/fmt.h>

#include "lib/sqlite/values.hpp"
#include "store/statements.hpp"
#include "store/tables.hpp"

namespace concd::store {
namespace {

using sqlite::Parameters;
using sqlite::Statement;
using enum Written;

// The same words as in the partial index, or SQLite would not use it.
constexpr auto k_unfinished = "standing IN ('active', 'paused')";

/// "SELECT all columns FROM the table `clause`" for read_row().
template <typename Row>
std::string select_from(const Table<Row>& table, const std::string& clause) {
  return fmt::format("SELECT {} FROM {} {}", column_list(table), table.name, clause);
}

/// The same of jobs, each with its transfer, for read_stored_job(). A job whose transfer is missing is damage
/// that must not be passed over.
std::string select_stored_jobs(const std::string& clause) {
  return fmt::format("SELECT {}, {} FROM job LEFT JOIN transfer ON transfer.id = job.transfer {}",
                     column_list(k_job_table), column_list(k_transfer_table), clause);
}

StoredJob read_stored_job(const Statement& statement) {
  auto job = read_row(k_job_table, statement);
  const int transfer = k_job_table.width();
  if (statement.is_null(transfer))
    throw damaged_row(k_job_table.name, std::to_string(job.id), k_transfer_table.name);
  return {std::move(job), read_row(k_transfer_table, statement, transfer)};
}

std::optional<StoredJob> read_one_stored_job(Statement& statement) {
  if (!statement.step()) return std::nullopt;
  return read_stored_job(statement);
}

template <typename Row>
std::vector<Row> read_rows(const Table<Row>& table, Statement& statement) {
  std::vector<Row> rows;
  while (statement.step()) rows.push_back(read_row(table, statement));
  return rows;
}

}  // namespace

Queries::Queries(sqlite::Database& database) : m_statements(std::make_unique<Statements>(database)) {}

Queries::~Queries() = default;

LastIds Queries::last_ids() {
  const auto select = m_statements->use(
      "SELECT (SELECT seq FROM sqlite_sequence WHERE name = 'job'),"
      " (SELECT seq FROM sqlite_sequence WHERE name = 'transfer')");
  if (!select->step()) return {};
  return {select->integer(0), select->integer(1)};
}

void Queries::keep_ids(LastIds given) {
  // AUTOINCREMENT goes on from here, <https://sqlite.org/autoinc.html>. The table has no key of its own.
  for (const auto& [table, id] : {std::pair("job", given.job), std::pair("transfer", given.transfer)}) {
    const auto raise =
        m_statements->use("UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1 RETURNING seq");
    Parameters(*raise).text(table).integer(id);
    if (raise->step()) continue;
    const auto begin = m_statements->use("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)");
    Parameters(*begin).text(table).integer(id);
    begin->run();
  }
}

void Queries::insert_transfer(const job::Transfer& transfer) {
  // It may have ended meanwhile, and what is secret of its URLs be forgotten.
  static const auto k_insert = [] {
    auto insert = insert_into(k_transfer_table);
    insert.sql += " ON CONFLICT (id) DO UPDATE SET urls = excluded.urls WHERE phase = 'done'";
    return insert;
  }();
  m_statements->run(k_insert, transfer);
}

void Queries::update_transfer(const job::Transfer& transfer) {
  static const auto k_update = update_of(k_transfer_table, {checkpoint, often});
  m_statements->run(k_update, transfer);
}

void Queries::update_checkpoint(job::Id transfer, const job::Checkpoint& reached) {
  static const auto k_update = update_of(k_transfer_table, {checkpoint});
  job::Transfer row;
  row.id = transfer;
  row.checkpoint = reached;
  m_statements->run(k_update, row);
}

std::vector<job::Transfer> Queries::unfinished_transfers() {
  // Without the hint SQLite reads the transfers of all jobs, because they are in order.
  static const auto k_sql = fmt::format(
      "SELECT wanted, {} FROM"
      " (SELECT DISTINCT transfer AS wanted FROM job INDEXED BY job_unfinished WHERE {})"
      " LEFT JOIN transfer ON transfer.id = wanted ORDER BY wanted",
      column_list(k_transfer_table), k_unfinished);
  const auto select = m_statements->use(k_sql);
  std::vector<job::Transfer> transfers;
  while (select->step()) {
    if (select->is_null(1)) throw damaged_row(k_transfer_table.name, select->text(0), "row");
    transfers.push_back(read_row(k_transfer_table, *select, 1));
  }
  return transfers;
}

bool Queries::delete_unused_transfer(job::Id transfer) {
  const auto remove = m_statements->use(
      "DELETE FROM transfer WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM job WHERE transfer = ?1) RETURNING "
      "id");
  Parameters(*remove).integer(transfer);
  const bool removed = remove->step();
  m_has_forgotten |= removed;
  return removed;
}

void Queries::insert_job(const job::Job& job) {
  static const auto k_insert = insert_into(k_job_table);
  m_statements->run(k_insert, job);
}

void Queries::update_job(const job::Job& job) {
  static const auto k_update = update_of(k_job_table, {often});
  m_statements->run(k_update, job);
  // It changes rarely, and naming it above would rewrite its index every time.
  const auto move = m_statements->use("UPDATE job SET transfer = ?1 WHERE id = ?2 AND transfer <> ?1");
  Parameters(*move).integer(job.transfer).integer(job.id);
  move->run();
}

std::optional<StoredJob> Queries::job_by_id(job::Id id) {
  static const auto k_sql = select_stored_jobs("WHERE job.id = ?");
  const auto select = m_statements->use(k_sql);
  Parameters(*select).integer(id);
  return read_one_stored_job(*select);
}

std::optional<StoredJob> Queries::job_by_token(uid_t uid, const std::string& token) {
  static const auto k_sql = select_stored_jobs("WHERE job.uid = ? AND job.token = ?");
  const auto select = m_statements->use(k_sql);
  Parameters(*select).integer(uid).text(token);
  return read_one_stored_job(*select);
}

std::vector<job::Job> Queries::unfinished_jobs() {
  static const auto k_sql = select_from(k_job_table, fmt::format("WHERE {} ORDER BY id", k_unfinished));
  const auto select = m_statements->use(k_sql);
  return read_rows(k_job_table, *select);
}

std::vector<StoredJob> Queries::newest_jobs(std::optional<job::Id> before, std::size_t limit) {
  static const auto k_sql = select_stored_jobs("WHERE job.id < ? ORDER BY job.id DESC LIMIT ?");
  const auto select = m_statements->use(k_sql);
  Parameters(*select)
      .integer(before.value_or(std::numeric_limits<job::Id>::max()))
      .integer(static_cast<std::int64_t>(limit));
  std::vector<StoredJob> jobs;
  while (select->step()) jobs.push_back(read_stored_job(*select));
  std::ranges::reverse(jobs);
  return jobs;
}

std::size_t Queries::holders_of_transfer(job::Id transfer) {
  static const auto k_sql = fmt::format(
      "SELECT count(*) FROM job JOIN transfer ON transfer.id = job.transfer WHERE transfer.id = ? AND NOT "
      "released AND ((standing = 'done' AND NOT direct) OR ({} AND phase NOT IN ('done', 'failed', "
      "'cancelled')))",
      k_unfinished);
  const auto select = m_statements->use(k_sql);
  Parameters(*select).integer(transfer);
  return select->step() ? static_cast<std::size_t>(select->integer(0)) : 0;
}

void Queries::put_artifact(const job::Artifact& artifact) {
  static const auto k_put = insert_into(k_artifact_table, "INSERT OR REPLACE");
  m_statements->run(k_put, artifact);
}

std::optional<job::Artifact> Queries::artifact(const std::string& name) {
  static const auto k_sql = select_from(k_artifact_table, "WHERE name = ?");
  const auto select = m_statements->use(k_sql);
  Parameters(*select).text(name);
  if (!select->step()) return std::nullopt;
  return read_row(k_artifact_table, *select);
}

std::vector<job::Artifact> Queries::artifacts() {
  static const auto k_sql = select_from(k_artifact_table, "ORDER BY name");
  const auto select = m_statements->use(k_sql);
  return read_rows(k_artifact_table, *select);
}

}  // namespace concd::store
