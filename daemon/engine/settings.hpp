#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "util/clock.hpp"

namespace concd::engine {

/// How transfers behave. A value that is copied into the threads; the instance fills it from the
/// configuration.
struct Settings {
  Microseconds connect_timeout = std::chrono::seconds(30);
  Microseconds stall_timeout = std::chrono::seconds(60);  ///< no byte for this long is a drop
  std::uint64_t min_rate = 0;  ///< bytes/s; a body that is slower for min_rate_time is a drop; 0: no limit
  Microseconds min_rate_time = std::chrono::minutes(2);
  std::uint32_t max_redirects = 10;
  std::uint64_t max_size = 0;  ///< bytes; 0: no limit
  std::vector<std::string> schemes = {"http", "https", "ftp", "ftps"};
  std::vector<std::filesystem::path> file_roots;  ///< file: only below these, after symlinks are resolved
  std::string proxy;
  std::vector<std::string> no_proxy;
  std::filesystem::path ca_file;  ///< empty: the system's
  std::string user_agent = "concd/" CONCD_VERSION;
};

}  // namespace concd::engine
