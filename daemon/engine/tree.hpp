#pragma once

#include <filesystem>

namespace concd::engine {

/// Puts a folder and all below it on the disk, fsync(2). Throws std::system_error.
void sync_tree(const std::filesystem::path& folder);

/// Puts `from`, a file or folder, at `to` in one step, in place of whatever is there, rename(2). What was
/// there is found at `from` afterwards when either of the two is a folder. Both are on one file system; no
/// folder is synced. Throws std::system_error.
void replace_by(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace concd::engine
