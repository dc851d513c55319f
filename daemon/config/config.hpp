#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "job/executor_kind.hpp"
#include "util/clock.hpp"

namespace concd::config {

using namespace std::chrono_literals;

/// concd.toml(5): every key with its default. A value; reload makes a new one.
struct Config {
  struct Daemon {
    std::string user = "concd";  ///< whom root becomes
    std::filesystem::path state_directory = "/var/lib/concd";
    std::filesystem::path runtime_directory = "/run/concd";
    std::string socket_group = "concd";  ///< who may connect
    Microseconds heartbeat = 5s;         ///< 0: off
    std::string log_level = "info";      ///< debug info warning error

    bool operator==(const Daemon&) const = default;
  } daemon;
  struct Queue {
    std::uint32_t limit = 10000;  ///< unfinished jobs
    std::uint32_t active = 32;    ///< transfers at once
    std::uint32_t active_per_host = 8;
    Microseconds keep_finished = 30 * 24h;  ///< how long ended jobs are listed, and a URL's file is kept
    std::uint32_t keep_finished_count = 10000;

    bool operator==(const Queue&) const = default;
  } queue;
  struct Retry {
    std::uint32_t tries = 10;  ///< failed attempts in a row without progress
    Microseconds first_delay = 1s;
    Microseconds max_delay = 10min;
    Microseconds first_contact_timeout = 30s;  ///< for a job whose origins have never answered
    Microseconds no_progress_timeout = 14 * 24h;

    bool operator==(const Retry&) const = default;
  } retry;
  struct Transfer {
    job::ExecutorKind executor = job::ExecutorKind::automatic;
    std::uint32_t threads = 2;
    Microseconds connect_timeout = 30s;
    Microseconds stall_timeout = 60s;  ///< no byte for this long is a drop
    std::uint64_t min_rate = 128;      ///< bytes/s; slower for min_rate_time is a drop; 0: no limit
    Microseconds min_rate_time = 2min;
    std::uint32_t max_redirects = 10;
    std::uint64_t max_size = 0;  ///< bytes; 0: no limit
    std::vector<std::string> schemes = {"http", "https", "ftp", "ftps"};
    std::vector<std::filesystem::path> file_roots;  ///< file: URLs are allowed below these only
    std::string proxy;                              ///< URL; empty: none
    std::vector<std::string> no_proxy;
    std::filesystem::path ca_file;  ///< empty: the system's
    std::string user_agent = "concd/" CONCD_VERSION;

    bool operator==(const Transfer&) const = default;
  } transfer;
  struct Worker {
    std::uint32_t limit = 8;              ///< children at once
    std::uint64_t memory = 512ULL << 20;  ///< bytes, RLIMIT_AS; 0: no limit
    std::uint32_t open_files = 64;        ///< RLIMIT_NOFILE

    bool operator==(const Worker&) const = default;
  } worker;
  struct CatalogFolders {
    std::vector<std::filesystem::path> folders = {"/usr/lib/concd/catalog.d", "/etc/concd/catalog.d",
                                                  "/run/concd/catalog.d"};

    bool operator==(const CatalogFolders&) const = default;
  } catalog;

  bool operator==(const Config&) const = default;
};

/// Reads `file` (absent is allowed when it is the default path) and then its drop-ins, FILE.d/*.toml, sorted
/// by name, later ones winning. With the default path, drop-ins of /usr/lib/concd and /run/concd count as
/// well; of drop-ins with the same name the one in /run wins, then /etc. Throws toml::ConfigError. Main
/// thread.
[[nodiscard]] Config load(const std::filesystem::path& file);

inline constexpr auto k_default_file = "/etc/concd/concd.toml";

}  // namespace concd::config
