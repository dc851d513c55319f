#pragma once

#include <filesystem>
#include <vector>

#include "config/config.hpp"

namespace concd::config {

/// Reads `file`, which may be missing unless `required`, then the drop-ins of the folders,
/// toml::drop_in_files(). Throws toml::ConfigError.
[[nodiscard]] Config read(const std::filesystem::path& file, bool required,
                          const std::vector<std::filesystem::path>& drop_in_folders, toml::Trust trust);

}  // namespace concd::config
