#pragma once

#include <atomic>
#include <filesystem>
#include <string>

namespace concd::library {

/// Removes the name with all that is below it, following no link, however deep that is: what lies too deep is
/// renamed to "deep.N" in the folder on the way. Blocks on the disk. False when `stop` became true before the
/// end. Throws std::system_error.
bool remove_tree(int folder, const std::string& name, const std::atomic<bool>& stop);

/// The same of a path; one that is not there is no error.
void remove_tree(const std::filesystem::path& path);

}  // namespace concd::library
