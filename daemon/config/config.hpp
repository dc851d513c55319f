#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "control/caller_limits.hpp"
#include "engine/settings.hpp"
#include "job/executor_kind.hpp"
#include "lib/toml/trusted_file.hpp"
#include "queue/retention_policy.hpp"
#include "scheduler/limits.hpp"
#include "scheduler/retry.hpp"
#include "util/clock.hpp"
#include "util/per_user.hpp"
#include "worker/limits.hpp"

namespace concd::config {

/// concd.toml(5): the values of all keys, as those take them who use them; keys() says which key is which. A
/// value; reload makes a new one.
struct Config {
  struct Daemon {
    std::string user = "concd";  ///< whom root becomes
    std::filesystem::path state_directory = "/var/lib/concd";
    std::filesystem::path runtime_directory = "/run/concd";
    std::string socket_group = "concd";                ///< who may connect
    std::string admin_group = "concd-admin";           ///< who manages the jobs of all
    Microseconds heartbeat = std::chrono::seconds(5);  ///< 0: off
    std::string log_level = "info";                    ///< debug info warning error

    bool operator==(const Daemon&) const = default;
  } daemon;
  std::uint32_t max_jobs = 50000;                    ///< unfinished ones, of everybody
  PerUser<std::uint32_t> max_jobs_per_user = 10000;  ///< unfinished ones
  scheduler::Limits limits;
  queue::RetentionPolicy retention;
  scheduler::RetryPolicy retry;
  job::ExecutorKind executor = job::ExecutorKind::automatic;  ///< for jobs that do not name one
  std::uint32_t threads = 2;                                  ///< transfer threads
  engine::Settings transfer;
  worker::ProcessLimits worker;
  control::CallerLimits callers;
  std::vector<std::filesystem::path> catalog_folders = {"/usr/lib/concd/catalog.d", "/etc/concd/catalog.d",
                                                        "/run/concd.d/catalog.d"};

  bool operator==(const Config&) const = default;
};

/// Reads `file` (absent is allowed when it is the default path) and then its drop-ins, FILE.d/*.toml, sorted
/// by name, later ones winning. With the default path, drop-ins of /usr/lib/concd and /run/concd.d count as
/// well (/run/concd is the service's own); of drop-ins with the same name the one in /run wins, then /etc.
/// Each counts from whom trust_in() says. Throws toml::ConfigError. Main thread.
[[nodiscard]] Config load(const std::filesystem::path& file);

/// Whose files count, those of the catalog included, where `file` is the configuration: root's, or of a path
/// that was named on the command line the caller's as well.
[[nodiscard]] toml::Trust trust_in(const std::filesystem::path& file);

inline constexpr auto k_default_file = "/etc/concd/concd.toml";

}  // namespace concd::config
