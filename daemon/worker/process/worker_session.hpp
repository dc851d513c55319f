#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/pool.hpp"
#include "event/loop.hpp"
#include "event/mailbox.hpp"
#include "event/signal.hpp"
#include "event/timer.hpp"
#include "job/executor.hpp"
#include "util/thread_pool.hpp"
#include "util/unique_fd.hpp"
#include "worker/channel.hpp"
#include "worker/messages.hpp"

namespace concd::worker {

/// The life of a concd-worker: one order comes over the socket with its descriptors, one transfer is made or
/// one archive extracted, the reports go back. Between the order and the work the process confines itself.
/// When the daemon hangs up or SIGTERM comes, a transfer is stopped as by Stop. Main thread; every signal is
/// blocked.
class WorkerSession final : private job::ExecutorEvents {
 public:
  explicit WorkerSession(UniqueFd socket);
  ~WorkerSession() override;

  /// Returns when the outcome has been handed over or there is nobody to take it; the exit code. Throws
  /// std::runtime_error when the daemon sends nonsense.
  int run();

 private:
  void on_frame(const std::string& text, std::vector<UniqueFd> descriptors);
  void on_hang_up();
  void begin(const Begin& begin);
  void tell_alive();
  [[noreturn]] void unpack(const Unpack& order);
  void stop();

  void on_started(job::Id id, const job::Execution& execution) override;
  void on_progress(job::Id id, const job::Progress& progress) override;
  void on_checkpoint(job::Id id, const job::Checkpoint& checkpoint) override;
  void on_finished(job::Id id, const job::Outcome& outcome) override;

  event::Loop m_loop;
  event::Mailbox m_mailbox;
  event::Signal m_terminate;
  event::Timer m_end_timer;  ///< of a worker that nobody waits for any more
  event::Timer m_alive_timer;
  Channel m_channel;
  std::optional<job::Id> m_task;
  std::optional<ThreadPool> m_disk;
  std::unique_ptr<engine::Pool> m_pool;
};

}  // namespace concd::worker
