#include "lifecycle/environment.hpp"

#include <array>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "util/crash_point.hpp"

namespace concd::lifecycle {

void clean_environment() {
  constexpr std::array k_kept{"NOTIFY_SOCKET", "ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS",
                              "UBSAN_OPTIONS"};
  std::vector<std::pair<const char*, std::string>> kept;
  const auto keep = [&kept](const char* name) {
    if (const auto* value = std::getenv(name)) kept.emplace_back(name, value);
  };
  for (const auto* name : k_kept) keep(name);
  for (const auto* name : k_test_variables) keep(name);
  // Tests bring a bus of their own.
  if (!k_test_variables.empty()) keep("DBUS_SYSTEM_BUS_ADDRESS");
  ::clearenv();
  for (const auto& [name, value] : kept) ::setenv(name, value.c_str(), 1);
  ::setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
}

}  // namespace concd::lifecycle
