#pragma once

#include <cstddef>
#include <memory>

#include "event/loop.hpp"
#include "job/executor.hpp"
#include "worker/worker_settings.hpp"

namespace concd::worker {

/// Children that run at once: what unpacks wants a processor and the disk for itself. The others wait in
/// order.
inline constexpr std::size_t k_max_unpackings = 2;

/// Extracts archives in concd-worker children, each with two descriptors and no network. Main thread.
class ProcessUnpacker final : public job::Unpacker {
 public:
  /// `loop` outlives the unpacker. `settings.transfer` is not used.
  ProcessUnpacker(event::Loop& loop, WorkerSettings settings);
  /// Kills and reaps the children that are left; nothing is reported.
  ~ProcessUnpacker() override;

  void start(job::Id id, job::SharedFd archive, job::SharedFd folder, Done done) override;
  void stop(job::Id id) override;
  /// For children that start from now on.
  void set_settings(WorkerSettings settings);

 private:
  class Impl;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace concd::worker
