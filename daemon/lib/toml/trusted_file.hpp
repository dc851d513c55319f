#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace concd::toml {

/// Whose files and folders count; nobody else may be able to write them.
enum class Trust {
  root,            ///< root's: the caller may be a service, which must not write its own orders
  root_or_caller,  ///< also those of getuid(2), which named them itself
};

/// The text of a file that none but the trusted can have written, see Document::load. Throws ConfigError.
[[nodiscard]] std::string read_trusted_file(const std::filesystem::path& file, Trust trust);

/// The *.toml of the folders, sorted by file name; of those with the same name only the one in the latest
/// folder. Hidden files don't count; a missing folder is empty. Throws ConfigError, also when others than the
/// trusted may write a folder.
[[nodiscard]] std::vector<std::filesystem::path> drop_in_files(
    const std::vector<std::filesystem::path>& folders, Trust trust);

}  // namespace concd::toml
