#pragma once

#include <memory>
#include <optional>

#include "job/executor.hpp"
#include "job/job.hpp"
#include "job/progress.hpp"
#include "job/transfer.hpp"
#include "queue/job_ids.hpp"
#include "util/clock.hpp"
#include "util/rate_meter.hpp"

namespace concd::queue {

/// What is known of an attempt, and of the publication after it, while it goes on.
struct Live {
  job::Execution execution;
  job::Progress progress;
  RateMeter rate;
  Microseconds start{};                         ///< CLOCK_MONOTONIC
  std::uint64_t durable_before = 0;             ///< bytes that were here when the attempt began
  job::SharedFd kept, fresh;                    ///< its partial files, see job::Task
  std::uint32_t kept_part = 0, fresh_part = 0;  ///< their numbers; 0: none
};

/// A transfer in the table, with the jobs that refer to it.
struct Record {
  job::Transfer transfer;
  JobIds active;                              ///< jobs that want it
  JobIds paused;                              ///< jobs that would go on with it
  std::uint32_t last_part = 0;                ///< highest number that a partial file was given in this life
  std::uint32_t seemed_enough = 0;            ///< of the last scheduler::SpaceNeed, without progress since
  std::uint32_t joining = 0;                  ///< jobs that are being written down before they join
  std::uint32_t leaving = 0;                  ///< cancelled jobs that are being written down
  std::optional<Microseconds> stalled_until;  ///< CLOCK_MONOTONIC up to which history.stalled counts
  std::unique_ptr<Live> live;                 ///< while an attempt or a publication goes on

  [[nodiscard]] job::Id id() const { return transfer.id; }
  [[nodiscard]] bool has_ended() const { return job::is<job::Ended>(transfer.phase); }
  /// Nobody wants it, or is about to.
  [[nodiscard]] bool is_unwanted() const { return active.empty() && paused.empty() && joining == 0; }
};

/// The end of the job, which is one of the transfer's, is decided and not on disk yet.
[[nodiscard]] bool is_ending(const job::Job& job, const Record& record);
/// Bytes have come that were never here before: what was tried in vain until then counts no more. `now` is
/// CLOCK_MONOTONIC.
void note_advance(Record& record, Microseconds now);
/// The same when `received` bytes of the file, more than ever, are here.
void note_received(Record& record, std::uint64_t received, Microseconds now);
/// Counts the time since it was last counted as time in which no byte has arrived.
void count_stalled(Record& record, Microseconds now);

}  // namespace concd::queue
