#include "config/config.hpp"

#include "config/read.hpp"

namespace concd::config {

Config load(const std::filesystem::path& file) {
  const auto own = file.string() + ".d";
  if (file != k_default_file) return read(file, true, {own});
  return read(file, false, {"/usr/lib/concd/concd.toml.d", own, "/run/concd/concd.toml.d"});
}

}  // namespace concd::config
