#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace concd::toml {

/// The text of a file that only root or the caller can have written, see Document::load. Throws ConfigError.
[[nodiscard]] std::string read_trusted_file(const std::filesystem::path& file);

/// The *.toml of the folders, sorted by file name; of those with the same name only the one in the latest
/// folder. Hidden files don't count; a missing folder is empty. Throws ConfigError, also when others may
/// write a folder.
[[nodiscard]] std::vector<std::filesystem::path> drop_in_files(
    const std::vector<std::filesystem::path>& folders);

}  // namespace concd::toml
