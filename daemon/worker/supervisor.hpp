#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "event/child.hpp"
#include "event/timer.hpp"
#include "job/executor.hpp"
#include "worker/channel.hpp"
#include "worker/executor.hpp"
#include "worker/messages.hpp"
#include "worker/spawn.hpp"

namespace concd::worker {

/// One task with its child process, from spawn to reaping. Main thread. It must not be destroyed in the
/// calls that it makes.
class Supervisor {
 public:
  /// The child has been reaped; once.
  using Done = std::function<void(const job::Outcome& outcome)>;

  /// Spawns the child and hands it the task. Throws std::system_error when there can be no child.
  Supervisor(event::Loop& loop, const Settings& settings, const job::Task& task, job::ExecutorEvents& events,
             Done done);

  /// Asks the child to stop, and makes it when it does not.
  void stop();

 private:
  Supervisor(event::Loop& loop, const Settings& settings, const job::Task& task, job::ExecutorEvents& events,
             Done done, Spawned spawned);

  /// What has been done to make the child end.
  enum class Ending { no, awaited, terminated };

  void on_frame(const std::string& text);
  void on_report(const Report& report);
  void on_channel_end(const std::string& offence);
  void on_exit(event::ChildExit how);
  bool flooding();
  void cut(const std::string& offence);
  void expect_end();
  void escalate();
  [[nodiscard]] job::Outcome outcome_without_report(event::ChildExit how) const;

  const job::Id m_id;
  const Settings m_settings;
  job::ExecutorEvents& m_events;
  const Done m_done;
  SystemClock m_clock;
  job::Checkpoint m_checkpoint;  ///< the last that is known to be on disk
  std::optional<job::Outcome> m_outcome;
  std::string m_offence;  ///< why the child was killed, if it was for what it sent
  bool m_started = false;
  bool m_stopping = false;
  Ending m_ending = Ending::no;
  Microseconds m_window{};     ///< when counting frames began
  std::uint32_t m_frames = 0;  ///< since then
  event::Child m_child;
  event::Timer m_end_timer;  ///< runs out when the child should have ended
  Channel m_channel;
};

}  // namespace concd::worker
