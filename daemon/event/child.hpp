#pragma once

#include <functional>

#include <sys/types.h>

#include "event/loop.hpp"

namespace concd::event {

/// How a child ended, waitid(2).
struct ChildExit {
  bool exited = false;  ///< by itself, with `status` as exit code; otherwise killed by the signal `status`
  int status = 0;
};

/// Watches one child by a pidfd and reaps it, sd_event_add_child_pidfd(3). Destroying it before the child
/// ended kills the child with SIGKILL and reaps it. SIGCHLD must be blocked in every thread.
class Child {
 public:
  using Handler = std::function<void(ChildExit)>;

  /// Throws std::system_error when the pidfd cannot be had; the child is then killed and reaped.
  Child(Loop& loop, pid_t pid, Handler handler);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  [[nodiscard]] pid_t pid() const { return m_pid; }
  /// Sends a signal to the child; does nothing once it has ended, pidfd_send_signal(2).
  void kill(int signal) noexcept;

 private:
  static int trampoline(sd_event_source*, const siginfo_t* info, void* self) noexcept;

  Loop& m_loop;
  pid_t m_pid;
  Handler m_handler;
  Source m_source;
  bool m_ended = false;
};

}  // namespace concd::event
