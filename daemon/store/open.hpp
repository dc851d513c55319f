#pragma once

#include <filesystem>

#include "lib/sqlite/database.hpp"

namespace concd::store {

/// Opens the queue's database for this process alone, or makes it (mode 0600), and migrates it. Looks before
/// it touches: a file that it cannot use is left byte for byte as it was. Throws StoreError.
[[nodiscard]] sqlite::Database open_database(const std::filesystem::path& file);

}  // namespace concd::store
