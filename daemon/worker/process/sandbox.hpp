#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "engine/settings.hpp"
#include "job/failure.hpp"
#include "worker/messages.hpp"

namespace concd::worker {

/// What a process may do with sockets.
enum class Sockets {
  none,       ///< nothing that is not read(2) or write(2)
  open_ones,  ///< speak by those that are open
  network,    ///< the same, and connect
};

/// What the work of this process needs; all else it gives up.
struct Needs {
  Sockets sockets = Sockets::none;
  bool threads = false;                         ///< besides the first
  bool below = false;                           ///< to open files without leaving a folder, openat2(2)
  std::vector<std::filesystem::path> readable;  ///< files and folders, besides the system's libraries
  int folder = -1;                              ///< an open one in which files are made; -1: none
};

[[nodiscard]] Needs needs_of(const job::Task& task, const engine::Settings& settings);
[[nodiscard]] Needs needs_of(const Unpack& order);

/// Confines this process for ever by all that the kernel has, landlock(7) and seccomp(2); a system call that
/// no such work needs kills it, SIGSYS. While there is one thread only, and after PR_SET_NO_NEW_PRIVS. The
/// failure says why the work may not be done: the policy requires more than the kernel has, or it did not
/// work.
[[nodiscard]] std::optional<job::Failure> confine(const Needs& needs, SandboxPolicy policy);

}  // namespace concd::worker
