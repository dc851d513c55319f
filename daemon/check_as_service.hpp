#pragma once

#include <filesystem>

#include "config/config.hpp"

namespace concd {

/// Root can read what the service cannot: reads `file` and its catalog again as the user that it names, and
/// stays that user. Throws toml::ConfigError, also where that user or the socket's group does not exist. Does
/// nothing where the default user does not exist: concd is not installed here.
void check_as_service(const std::filesystem::path& file, const config::Config::Daemon& config);

}  // namespace concd
