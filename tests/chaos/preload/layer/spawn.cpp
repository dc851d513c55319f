// Workers get an environment of the daemon's making: what this library needs goes along nevertheless.

#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <spawn.h>

#include "calls.hpp"

namespace chaos {
namespace {

/// As they were at the start, before the daemon cleaned its environment.
std::vector<std::string>& own_variables() {
  static std::vector<std::string> variables;
  return variables;
}

[[gnu::constructor]] void remember() {
  constexpr std::array k_names{"LD_PRELOAD", "CONCD_CHAOS_FOLDER", "CONCD_CHAOS_LOG", "CONCD_CHAOS_FAULT"};
  for (const char* const name : k_names)
    if (const char* const value = std::getenv(name))
      own_variables().push_back(std::string(name) + "=" + value);
}

}  // namespace
}  // namespace chaos

CHAOS_CALL int posix_spawn(pid_t* pid, const char* path, const posix_spawn_file_actions_t* actions,
                           const posix_spawnattr_t* attributes, char* const arguments[],
                           char* const environment[]) {
  static const auto real = reinterpret_cast<decltype(&posix_spawn)>(::dlsym(RTLD_NEXT, "posix_spawn"));
  std::vector<char*> variables;
  for (auto* const* variable = environment; variable != nullptr && *variable != nullptr; ++variable)
    variables.push_back(*variable);
  for (auto& variable : chaos::own_variables()) variables.push_back(variable.data());
  variables.push_back(nullptr);
  return real(pid, path, actions, attributes, arguments, variables.data());
}
