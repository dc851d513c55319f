#pragma once

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>

// What was unpacked. Both walk from the folder's descriptor and follow no link; both block on the disk.
namespace concd::publish {

/// Why what is in the folder may not be published, in words that can be shown; nothing: it may, or `stop`
/// became true. Allowed are files of mode 0644 or 0755, folders of mode 0755, and symbolic links that stay
/// inside; all of this process's user, on one file system, with no second name outside, within
/// k_max_tree_depth and k_max_tree_entries. `path` names the folder in errors. Throws std::system_error.
[[nodiscard]] std::optional<std::string> check_tree(int folder, const std::filesystem::path& path,
                                                    const std::atomic<bool>& stop);

/// Puts the folder and all below it on the disk, fsync(2). False when `stop` became true before the end.
/// Throws std::system_error.
[[nodiscard]] bool sync_tree(int folder, const std::filesystem::path& path, const std::atomic<bool>& stop);

}  // namespace concd::publish
