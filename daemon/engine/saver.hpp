#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "engine/received.hpp"
#include "engine/reporter.hpp"
#include "job/executor.hpp"
#include "util/clock.hpp"
#include "util/thread_pool.hpp"

namespace concd::engine {

/// Has the bytes of one attempt synced by the thread pool and reports how far that is. Lives on the
/// transfer's thread.
class Saver {
 public:
  /// `disk` outlives the saver.
  Saver(ThreadPool& disk, std::shared_ptr<Reporter> reporter, TicketPtr ticket);

  /// The attempt begins now, µs of CLOCK_BOOTTIME.
  void begin(Microseconds now) { m_saved_at = now; }
  /// Has the bytes synced and reported as a checkpoint, when enough of them have come since the last time.
  void save(Microseconds now, const Received& received);
  /// Reports the end of an attempt that did not bring the whole file, with as much of it synced as is worth
  /// keeping; at once where that needs no sync. Its checkpoint is empty when there is nothing to keep.
  void keep(job::Outcome outcome, const Received& received);
  /// Reports the end of an attempt that brought the whole file, once no sync of it is under way: as
  /// `outcome`, or as failed when a sync of the file has failed. At once where there is nothing to wait for.
  void deliver(job::Outcome outcome, const Received& received);

 private:
  [[nodiscard]] bool saving() const { return m_saving && m_saving->load(); }

  ThreadPool& m_disk;
  std::shared_ptr<Reporter> m_reporter;
  TicketPtr m_ticket;
  Microseconds m_saved_at{};
  std::shared_ptr<std::atomic<bool>> m_saving;  ///< shared with the work under way; null: there was none
};

/// Syncs a partial file that holds `extents` and shall be continued later, and cuts off what follows. Returns
/// the checkpoint with those, or an empty one when it cannot be trusted.
[[nodiscard]] job::Checkpoint keep(PartFile& file, job::Checkpoint checkpoint, job::Extents extents) noexcept;

}  // namespace concd::engine
