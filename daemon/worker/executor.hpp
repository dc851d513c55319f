#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "event/loop.hpp"
#include "job/executor.hpp"
#include "util/clock.hpp"

namespace concd::worker {

/// What a child gets; the instance fills it from the configuration.
struct Settings {
  std::filesystem::path program;        ///< the concd-worker to run
  std::uint64_t memory = 512ULL << 20;  ///< bytes, RLIMIT_AS; 0: no limit (sanitizers need that)
  std::uint32_t open_files = 64;        ///< RLIMIT_NOFILE
  std::string transfer;                 ///< engine::Settings as JSON, see worker/process/settings.hpp
  int keepsake = -1;                    ///< a descriptor that a child holds while it lives; -1: none
  Microseconds stop_timeout = std::chrono::seconds(10);  ///< from being asked to end until SIGTERM
  Microseconds term_timeout = std::chrono::seconds(5);   ///< from SIGTERM until SIGKILL
};

/// The executor `process`: one concd-worker child a task, spawned by posix_spawn(3), watched by a pidfd,
/// spoken to over a socket pair in frames. A child that dies or is killed fails its own task only. Main
/// thread.
class Executor final : public job::Executor {
 public:
  /// `loop` and `events` outlive the executor.
  Executor(event::Loop& loop, Settings settings, job::ExecutorEvents& events);
  /// Kills and reaps the children that are left.
  ~Executor() override;

  void start(job::Task task) override;
  void stop(job::Id id) override;
  /// For children that start from now on.
  void set_settings(Settings settings);

 private:
  class Impl;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace concd::worker
