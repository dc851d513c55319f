#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "job/artifact.hpp"
#include "job/job.hpp"
#include "job/transfer.hpp"
#include "util/per_user.hpp"

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

/// A job with what is fetched for it.
struct StoredJob {
  job::Job job;
  job::Transfer transfer;
};

/// Which ended jobs are kept.
struct Keep {
  Microseconds since{};                       ///< CLOCK_REALTIME; what ended before goes
  std::size_t count = 0;                      ///< so many, the newest, of everybody
  PerUser<std::uint32_t> count_per_user = 0;  ///< and of each user
  /// What ended later is not too many yet, unless it was cancelled: its caller is about to ask how it went.
  Microseconds settled = Microseconds::max();
};

/// The highest numbers that were ever given, sqlite_sequence.
struct LastIds {
  job::Id job = 0;
  job::Id transfer = 0;
};

/// Every statement of the daemon, one function each. Only on the store thread, inside its transaction.
/// Functions throw sqlite::Error, those that read SQLITE_CORRUPT where a row holds what concd never wrote.
class Queries {
 public:
  explicit Queries(sqlite::Database& database);
  ~Queries();

  [[nodiscard]] LastIds last_ids();
  /// Numbers up to these are never given again, though nothing has them.
  void keep_ids(LastIds given);
  /// When the daemon last looked at what is old, µs since the epoch; 0: never.
  [[nodiscard]] Microseconds seen();
  void put_seen(Microseconds time);

  /// Adds it, with the id that it has, unless it is there already.
  void insert_transfer(const job::Transfer& transfer);
  /// Writes all that may change of the transfer with `transfer.id`; its checkpoint too.
  void update_transfer(const job::Transfer& transfer);
  /// Writes only the checkpoint, so that it is cheap.
  void update_checkpoint(job::Id transfer, const job::Checkpoint& checkpoint);
  /// Transfers of active and paused jobs, by id.
  [[nodiscard]] std::vector<job::Transfer> unfinished_transfers();
  /// Removes the transfer unless a job refers to it. True when it was removed.
  bool delete_unused_transfer(job::Id transfer);

  /// Adds it; its id and its transfer's are given.
  void insert_job(const job::Job& job);
  /// Writes all that may change of the job with `job.id`.
  void update_job(const job::Job& job);
  [[nodiscard]] std::optional<StoredJob> job_by_id(job::Id id);
  [[nodiscard]] std::optional<StoredJob> job_by_token(uid_t uid, const std::string& token);
  /// Active and paused jobs, by id.
  [[nodiscard]] std::vector<job::Job> unfinished_jobs();
  /// All jobs below `before`, the newest `limit` of them, by id.
  [[nodiscard]] std::vector<StoredJob> newest_jobs(std::optional<job::Id> before, std::size_t limit);
  /// How many jobs of the transfer still need its file: done ones that have not released it and are not
  /// direct, and unfinished ones unless the transfer has ended without them, since another one fetches for
  /// those.
  [[nodiscard]] std::size_t holders_of_transfer(job::Id transfer);
  /// Ended jobs that are not kept; at most k_prune_limit, by id.
  [[nodiscard]] std::vector<Prunable> prunable_jobs(const Keep& keep);
  void delete_job(job::Id id);
  /// Redacts the URLs of a done transfer, redact_url(), unless an unfinished job refers to it.
  void forget_secrets(job::Id transfer);
  /// Gives some of the file's free pages back, where there are many. False when there are few.
  bool shrink();
  /// Whether something was overwritten that the write-ahead log may still hold, since this was last asked.
  [[nodiscard]] bool has_forgotten() { return std::exchange(m_has_forgotten, false); }

  void put_artifact(const job::Artifact& artifact);
  [[nodiscard]] std::optional<job::Artifact> artifact(const std::string& name);
  [[nodiscard]] std::vector<job::Artifact> artifacts();

 private:
  class Statements;
  std::unique_ptr<Statements> m_statements;
  bool m_has_forgotten = false;
};

}  // namespace concd::store
