#pragma once

#include <functional>
#include <optional>

#include "event/loop.hpp"
#include "job/failure.hpp"
#include "worker/messages.hpp"
#include "worker/supervisor.hpp"
#include "worker/worker_settings.hpp"

namespace concd::worker {

/// One archive and the child that extracts it. Main thread. It must not be destroyed in the calls that it
/// makes.
class UnpackWorker {
 public:
  /// The child has been reaped; once. Nothing: it says that all went well.
  using Done = std::function<void(std::optional<job::Failure> failure)>;

  /// Spawns the child and hands it the order. Throws what Supervisor does.
  UnpackWorker(event::Loop& loop, const WorkerSettings& settings, const Unpack& order, Done done);

  /// Kills the child.
  void stop();

 private:
  enum class State {
    spawned,  ///< nothing has come yet
    started,  ///< said that it has begun
    stopped,  ///< was killed because nobody wants it any more
    ended,    ///< `m_unpacked` is its last word
  };

  void on_report(const Report& report);
  void on_end(const job::Failure& how);

  const Done m_done;
  State m_state = State::spawned;
  Unpacked m_unpacked;  ///< once ended
  Supervisor m_supervisor;
};

}  // namespace concd::worker
