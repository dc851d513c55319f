#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "engine/settings.hpp"
#include "event/mailbox.hpp"
#include "job/executor.hpp"
#include "util/liveness.hpp"
#include "util/thread_pool.hpp"

namespace concd::engine {

/// The executor `thread`: N transfer threads, each making many attempts on one CURLM. They write into the
/// descriptors of their tasks and publish nothing. Used on the main thread; events come by the mailbox.
class Pool final : public job::Executor {
 public:
  /// `disk` does what may block on the disk. All references outlive the pool, and `mailbox` what `disk` still
  /// does for it afterwards.
  Pool(Settings settings, std::size_t threads, ThreadPool& disk, event::Mailbox& mailbox,
       job::ExecutorEvents& events);
  /// Stops what runs without reporting it and joins the threads: stop() each task and wait for the outcomes
  /// first.
  ~Pool() override;

  void start(job::Task task) override;
  void stop(job::Id id) override;

  /// For attempts that start from now on.
  void set_settings(Settings settings);
  /// The liveness of each thread, for the watchdog.
  [[nodiscard]] std::vector<Liveness*> liveness();

 private:
  class Impl;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace concd::engine
