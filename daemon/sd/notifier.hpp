#pragma once

#include <string>
#include <string_view>

#include <sys/types.h>

#include "util/clock.hpp"

namespace concd::sd {

/// What the names of kept descriptors begin with in FDNAME=.
inline constexpr std::string_view k_kept_prefix = "concd-";

/// Tells the service manager how the daemon is, sd_notify(3). Does nothing where there is no NOTIFY_SOCKET.
/// Only the main process may use it (NotifyAccess=main): the first process until hand_over(), then the
/// daemon.
class Notifier {
 public:
  /// First process: READY=1 with MAINPID= in one message, then waits until the manager has taken note,
  /// sd_notify_barrier(3), at most 5 s; after that `daemon` is the main process.
  void hand_over(pid_t daemon);
  void ready();
  /// RELOADING=1 with MONOTONIC_USEC, as Type=notify-reload wants it; ready() ends it.
  void reloading();
  void stopping();
  /// WATCHDOG=1.
  void alive();
  /// STATUS=: one line that `systemctl status` shows. The same text again sends nothing.
  void status(const std::string& text);
  /// FDSTORE=1: the manager keeps the descriptor over a restart, sd_pid_notify_with_fds(3); take_activation()
  /// has it then by its name.
  void keep(const std::string& name, int fd);
  /// FDSTOREREMOVE=1.
  void drop(const std::string& name);

 private:
  std::string m_status;
};

}  // namespace concd::sd
