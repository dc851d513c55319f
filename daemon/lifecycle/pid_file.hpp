#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <sys/types.h>

#include "lifecycle/already_running.hpp"
#include "lifecycle/privileges.hpp"
#include "util/unique_fd.hpp"

namespace concd::lifecycle {

/// The lock that makes the daemon the only one on its state, held by flock(2): it passes to forked children
/// and ends with the last of them, however they end.
class PidFile {
 public:
  /// Opens and locks, and lets the file belong to `owner`, who may have to open it the next time; throws
  /// AlreadyRunning with the holder's pid, std::runtime_error when it is not a regular file with one name, or
  /// std::system_error.
  explicit PidFile(std::filesystem::path path, const std::optional<User>& owner = {});

  /// Writes the caller's pid, once it is known who the daemon is.
  void write();
  /// Empties the file: the daemon has ended in order. The file stays, so that the lock cannot be bypassed.
  void clear() noexcept;
  /// Lets another daemon start, though this process and those that share the lock have not ended yet.
  void unlock() noexcept;
  [[nodiscard]] int fd() const { return m_fd.get(); }

 private:
  std::filesystem::path m_path;
  UniqueFd m_fd;
};

}  // namespace concd::lifecycle
