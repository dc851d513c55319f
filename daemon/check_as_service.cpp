#include "check_as_service.hpp"

#include <optional>
#include <stdexcept>

#include <pwd.h>
#include <spdlog/fmt/fmt.h>

#include "catalog/catalog.hpp"
#include "lib/toml/document.hpp"
#include "lifecycle/privileges.hpp"

namespace concd {
namespace {

std::optional<lifecycle::User> service_user(const config::Config::Daemon& config) {
  const bool is_default = config.user == config::Config::Daemon{}.user;
  if (is_default && ::getpwnam(config.user.c_str()) == nullptr) return {};
  try {
    (void)lifecycle::find_group(config.socket_group);
    return lifecycle::find_user(config.user);
  } catch (const std::runtime_error& error) {
    throw toml::ConfigError(error.what());
  }
}

}  // namespace

void check_as_service(const std::filesystem::path& file, const config::Config::Daemon& config) {
  const auto user = service_user(config);
  if (!user) return;
  lifecycle::become(*user);
  try {
    (void)catalog::Catalog::load(config::load(file).catalog_folders, config::trust_in(file));
  } catch (const toml::ConfigError& error) {
    throw toml::ConfigError(fmt::format(
        "{} (as the user {}, who the service is: let that user read the file and enter its folder)",
        error.what(), user->name));
  }
}

}  // namespace concd
