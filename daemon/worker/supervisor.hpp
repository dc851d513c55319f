#pragma once

#include <functional>
#include <string>

#include "event/child.hpp"
#include "event/timer.hpp"
#include "job/failure.hpp"
#include "util/thread_checker.hpp"
#include "worker/channel.hpp"
#include "worker/heard.hpp"
#include "worker/messages.hpp"
#include "worker/spawn.hpp"
#include "worker/worker_settings.hpp"

namespace concd::worker {

/// One child process, from spawn to reaping: hands it its order, listens, and makes it end, also when it is
/// silent for too long. What the reports mean is for others. Main thread. It must not be destroyed in the
/// calls that it makes.
class Supervisor {
 public:
  /// What the child reports, well-formed but not to be believed.
  using ReportHandler = std::function<void(const Report& report)>;
  /// The child has been reaped, and nothing more comes; once. `how` is the failure of a child that did not
  /// report its end: "worker process 17 was killed by SIGKILL".
  using EndHandler = std::function<void(const job::Failure& how)>;

  /// Spawns the child and sends it `order`. Throws std::system_error when there can be no child,
  /// std::length_error when the order does not fit into a frame.
  Supervisor(event::Loop& loop, const WorkerSettings& settings, const Command& order, ReportHandler on_report,
             EndHandler on_end);

  [[nodiscard]] pid_t pid() const { return m_child.pid(); }
  /// Asks the child to end, and makes it when it does not.
  void ask_to_stop();
  /// The child has said its last; it is made to end when it does not.
  void expect_end();
  /// Kills the child, now.
  void kill();
  /// Kills the child for what it sent: `offence`, as in "sends without end".
  void cut(const std::string& offence);

 private:
  Supervisor(event::Loop& loop, const WorkerSettings& settings, const Command& order, ReportHandler on_report,
             EndHandler on_end, Spawned spawned);

  /// What has been done to make the child end.
  enum class Ending { no, awaited, terminated };

  void on_frame(const std::string& text);
  void on_channel_end(const std::string& offence);
  void on_exit(event::ChildExit how);
  void escalate();
  [[nodiscard]] job::Failure failure_of(event::ChildExit how) const;

  const WorkerSettings m_settings;
  const ReportHandler m_on_report;
  const EndHandler m_on_end;
  SystemClock m_clock;
  std::string m_offence;  ///< why the child was killed, if it was for what it sent
  Ending m_ending = Ending::no;
  event::Child m_child;
  event::Timer m_end_timer;  ///< runs out when the child should have ended
  Heard m_heard;
  Channel m_channel;
  [[no_unique_address]] ThreadChecker m_thread;
};

}  // namespace concd::worker
