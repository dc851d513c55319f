#pragma once

#include <filesystem>

#include <toml++/toml.h>

namespace concd::toml {

/// A parsed file and its name. Only for the .cpp files of this folder: toml++ takes long to compile.
struct Source {
  std::filesystem::path file;
  ::toml::table table;
};

}  // namespace concd::toml
