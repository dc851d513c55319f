#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "util/clock.hpp"

namespace concd::engine {

/// How transfers behave, concd.toml(5) [transfer] and [origins]. A value that is copied into the threads.
struct Settings {
  Microseconds connect_timeout = std::chrono::seconds(30);
  Microseconds stall_timeout = std::chrono::minutes(1);  ///< no byte for this long is a drop
  std::uint64_t min_rate = 128;  ///< bytes/s; a body that is slower for min_rate_time is a drop; 0: no limit
  Microseconds min_rate_time = std::chrono::minutes(2);
  Microseconds first_byte_timeout =
      std::chrono::minutes(2);  ///< from the attempt's begin, over all redirects
  std::uint32_t max_redirects = 10;
  std::uint32_t connections = 8;  ///< of one file, and of all transfers of one host
  /// Of all transfers, without the first one of each.
  std::uint32_t connections_total = 64;
  std::uint64_t max_size = 0;  ///< bytes; 0: no limit
  std::uint64_t min_free = 0;  ///< bytes of the file system that stay free, see kept_free()
  std::vector<std::string> schemes = {"http", "https", "ftp", "ftps"};
  std::vector<std::filesystem::path> file_roots;  ///< file: only below these, after symlinks are resolved
  std::string proxy;                              ///< URL; empty: none
  std::vector<std::string> no_proxy;
  std::filesystem::path ca_file;  ///< empty: the system's
  /// [origins], see OriginGuard: networks, addresses, hosts and domains.
  std::vector<std::string> allowed_origins, denied_origins;
  std::string user_agent = "concd/" CONCD_VERSION;

  bool operator==(const Settings&) const = default;
};

}  // namespace concd::engine
