#pragma once

#include <filesystem>
#include <string>

#include "util/unique_fd.hpp"

namespace concd {

/// open(2) with O_CLOEXEC, restarted on EINTR. Throws std::system_error that names the path.
[[nodiscard]] UniqueFd open_file(const std::filesystem::path& path, int flags, unsigned mode = 0600);

/// Writes the whole buffer, write(2); restarts on EINTR and short writes. Throws std::system_error.
void write_all(int fd, const void* data, std::size_t size, const std::string& context);

/// Syncs a folder, so that renames in it survive a power loss, fsync(2). Throws std::system_error.
void sync_folder(const std::filesystem::path& folder);

/// The whole text of a regular file of at most `limit` bytes. Throws std::system_error; EFBIG when larger.
[[nodiscard]] std::string read_text(const std::filesystem::path& path, std::size_t limit = 1 << 20);

/// The same of an open descriptor, from where it stands; `context` names it in errors.
[[nodiscard]] std::string read_text(int fd, const std::string& context, std::size_t limit = 1 << 20);

}  // namespace concd
