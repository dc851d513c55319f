#pragma once

#include <filesystem>

#include <sys/types.h>

#include "util/unique_fd.hpp"

namespace concd::lifecycle {

/// Binds and listens on a Unix stream socket, mode 0660, of the given group, unix(7). A socket file that an
/// earlier life left behind is replaced. Call it only with the pid file locked. Throws AlreadyRunning where
/// another process listens there, or std::system_error.
[[nodiscard]] UniqueFd listen_at(const std::filesystem::path& path, uid_t owner, gid_t group);

}  // namespace concd::lifecycle
