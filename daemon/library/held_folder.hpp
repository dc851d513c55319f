#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <sys/stat.h>

#include "util/synchronized.hpp"
#include "util/unique_fd.hpp"

namespace concd::library {

/// A folder that is opened once and held: its names are looked up there, whatever its own name comes to lead
/// to, and lead nowhere else. Any thread.
class HeldFolder {
 public:
  explicit HeldFolder(std::filesystem::path path) : m_path(std::move(path)) {}

  [[nodiscard]] const std::filesystem::path& path() const { return m_path; }
  /// The descriptor; the folder is opened when it is asked for first. Throws std::system_error.
  [[nodiscard]] int fd() const;

  /// Opens for reading what a request names, open_beneath(). Throws std::system_error that names the path.
  [[nodiscard]] UniqueFd open(const std::string& name) const;
  /// Of the name itself, a symbolic link not being followed. Nothing when there is none or it cannot be
  /// looked at.
  [[nodiscard]] std::optional<struct stat> look(const std::string& name) const noexcept;
  /// One unlink(2): 0, or the errno value.
  [[nodiscard]] int unlink(const std::string& name) const noexcept;

 private:
  std::filesystem::path m_path;
  mutable Synchronized<UniqueFd> m_fd;  ///< none until it could be opened
};

}  // namespace concd::library
