#pragma once

#include <cstdint>
#include <filesystem>

#include "util/unique_fd.hpp"

namespace concd::worker {

/// What a process may still do with files, landlock(7): nothing but what is allowed here. Where the version
/// of the kernel knows of that, it also cannot listen on a TCP port (4), nor reach a socket of another
/// process by an abstract name or send it a signal (6). Files that are open already can be used as before.
/// All functions throw std::system_error.
class Landlock {
 public:
  /// `version` is SandboxSupport::landlock, not 0.
  explicit Landlock(int version);

  /// A file, or all below a folder; links are followed now. What is not there, or cannot be opened by this
  /// user, stays forbidden.
  void allow_reading(const std::filesystem::path& path);
  /// Reading, making, changing and removing files, folders and links in the open folder and below.
  void allow_making(int folder);
  /// For this thread and all that it starts, for ever. The process has given up new privileges, prctl(2).
  void enforce();

 private:
  void allow(std::uint64_t what, int beneath);

  std::uint64_t m_handled;
  UniqueFd m_rules;
};

}  // namespace concd::worker
