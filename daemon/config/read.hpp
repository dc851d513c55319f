#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "config/config.hpp"

namespace concd::config {

/// Reads `file`, which may be missing unless `required`, then the drop-ins of the folders,
/// toml::drop_in_files(). Throws toml::ConfigError.
[[nodiscard]] Config read(const std::filesystem::path& file, bool required,
                          const std::vector<std::filesystem::path>& drop_in_folders, toml::Trust trust);

/// The same of one text alone; `name` is its file's in errors.
[[nodiscard]] Config read_text(std::string_view text, const std::filesystem::path& name);

}  // namespace concd::config
