#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "job/job.hpp"

namespace concd::sqlite {
class Database;
}

namespace concd::store {

/// Ended jobs that are removed in one transaction, so that it holds up nobody for long.
inline constexpr std::size_t k_prune_limit = 1000;

/// An ended job that need not be kept. No more of its row is read: what is damaged can be removed as well.
struct Prunable {
  job::Id id = 0;
  job::Id transfer = 0;
};

/// Every statement of the daemon, one function each. Only on the store thread, inside its transaction.
/// Functions throw sqlite::Error.
class Queries {
 public:
  explicit Queries(sqlite::Database& database);
  ~Queries();

  /// Adds the job and returns its id, a new one where `job.id` is 0; a `job.transfer` of 0 becomes the same.
  job::Id insert_job(const job::Job& job);
  /// Writes all that may change of the job with `job.id`.
  void update_job(const job::Job& job);
  /// Writes the checkpoint of a transfer: only this, so that it is cheap.
  void update_checkpoint(job::Id transfer, const job::Checkpoint& checkpoint);
  [[nodiscard]] std::optional<job::Job> job_by_id(job::Id id);
  [[nodiscard]] std::optional<job::Job> job_by_token(uid_t uid, const std::string& token);
  /// Jobs that are not done, failed or cancelled, by id.
  [[nodiscard]] std::vector<job::Job> unfinished_jobs();
  /// All jobs below `before`, the newest `limit` of them, by id.
  [[nodiscard]] std::vector<job::Job> newest_jobs(std::optional<job::Id> before, std::size_t limit);
  /// How many jobs of the transfer still need its file: not released and not failed or cancelled.
  [[nodiscard]] std::size_t holders_of_transfer(job::Id transfer);
  /// Whether a done job has not released the transfer's file yet.
  [[nodiscard]] bool is_result_held(job::Id transfer);
  /// Ended jobs that ended before `time`, or beyond the newest `keep` ended ones; at most k_prune_limit, by
  /// id.
  [[nodiscard]] std::vector<Prunable> prunable_jobs(Microseconds time, std::size_t keep);
  void delete_job(job::Id id);

  void put_artifact(const job::Artifact& artifact);
  [[nodiscard]] std::optional<job::Artifact> artifact(const std::string& name);
  [[nodiscard]] std::vector<job::Artifact> artifacts();

 private:
  sqlite::Database& m_database;
  class Statements;
  std::unique_ptr<Statements> m_statements;
};

}  // namespace concd::store
