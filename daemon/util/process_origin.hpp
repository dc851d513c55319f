#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

namespace concd {

/// The systemd unit and the login session that a process belongs to, sd_pid_get_unit(3). They are looked up
/// when they are first asked for. One thread.
class ProcessOrigin {
 public:
  explicit ProcessOrigin(pid_t pid) : m_pid(pid) {}

  /// Empty where there is none, the process has ended, or its folder in /proc is hidden from the daemon.
  [[nodiscard]] const std::string& unit() const { return found().unit; }
  [[nodiscard]] const std::string& session() const { return found().session; }

 private:
  struct Found {
    std::string unit, session;
  };
  [[nodiscard]] const Found& found() const;

  pid_t m_pid;
  mutable std::optional<Found> m_found;
};

}  // namespace concd
