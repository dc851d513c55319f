#pragma once

#include <filesystem>

namespace concd::publish {

/// Puts `from`, a file or folder, at `to` in one step, in place of whatever is there, rename(2). Whether what
/// was there is found at `from` afterwards: so it is when either of the two is a folder. Both are on one file
/// system; no folder is synced. Throws std::system_error.
[[nodiscard]] bool replace_by(const std::filesystem::path& from, const std::filesystem::path& to);

/// Removes a file or a folder with all that is in it; what cannot be removed is found at the next start.
void remove_replaced(const std::filesystem::path& path) noexcept;

}  // namespace concd::publish
