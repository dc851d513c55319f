#pragma once

#include <functional>
#include <optional>
#include <string>

#include <sys/types.h>

#include "util/unique_fd.hpp"

namespace concd::lifecycle {

/// The daemon's line to the first process, which waits to learn how the start went.
class Handover {
 public:
  explicit Handover(UniqueFd channel) : m_channel(std::move(channel)) {}

  /// The daemon serves. Returns once the first process has handed over to this one.
  void ready();
  /// The start failed: the first process prints `message` and exits with `status`.
  void failed(int status, const std::string& message) noexcept;

 private:
  UniqueFd m_channel;
};

/// Forks twice as daemon(7) describes for SysV daemons: new session, no terminal, folder /, umask 077,
/// standard descriptors on /dev/null. Must be called while the process has one thread. In the daemon it
/// returns its handover. In the first process it waits for the daemon's word, calls `hand_over` with the
/// daemon's pid when that is ready, prints the daemon's message otherwise, and exits with the daemon's true
/// status: it does not return.
[[nodiscard]] Handover daemonize(const std::function<void(pid_t daemon)>& hand_over);

}  // namespace concd::lifecycle
