#pragma once

#include <filesystem>
#include <string>

#include "catalog/catalog.hpp"
#include "lib/toml/table_reader.hpp"

namespace concd::catalog {

/// Reads the table of one entry from `file`. Throws toml::ConfigError.
[[nodiscard]] CatalogEntry read_entry(toml::TableReader table, const std::string& name,
                                      const std::filesystem::path& file);

/// Why a name cannot be one of the catalog, because it names a file of the library; empty when it can.
[[nodiscard]] std::string name_problem(std::string_view name);

}  // namespace concd::catalog
