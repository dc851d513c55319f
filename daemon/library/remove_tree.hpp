#pragma once

#include <atomic>
#include <string>

namespace concd::library {

/// Removes the name with all that is below it, following no link. Blocks on the disk. False when `stop`
/// became true before the end. Throws std::system_error.
bool remove_tree(int folder, const std::string& name, const std::atomic<bool>& stop);

}  // namespace concd::library
