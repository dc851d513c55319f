#include "config/config.hpp"

#include "config/read.hpp"

namespace concd::config {

Config load(const std::filesystem::path& file) {
  const auto own = file.string() + ".d";
  const auto trust = trust_in(file);
  if (file != k_default_file) return read(file, true, {own}, trust);
  return read(file, false, {"/usr/lib/concd/concd.toml.d", own, "/run/concd.d/concd.toml.d"}, trust);
}

toml::Trust trust_in(const std::filesystem::path& file) {
  return file == k_default_file ? toml::Trust::root : toml::Trust::root_or_caller;
}

}  // namespace concd::config
