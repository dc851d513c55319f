#include "config/read.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

#include <spdlog/fmt/fmt.h>

#include "lib/toml/document.hpp"
#include "lib/toml/trusted_file.hpp"
#include "util/nearest.hpp"
#include "util/url.hpp"

namespace concd::config {
namespace {

using toml::TableReader;

constexpr Microseconds k_year = 365 * 24h;
constexpr auto k_any_size = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
/// What is left of sockaddr_un::sun_path, unix(7), for the folder of "/concd.sock".
constexpr std::size_t k_longest_runtime_directory = 96;
constexpr std::size_t k_longest_user_agent = 256;
/// With its libraries and two arenas of malloc a worker's transfer by TLS needs between 80 and 96 MiB.
constexpr std::uint64_t k_min_worker_memory = 128ULL << 20;

const std::vector<std::string_view> k_log_levels{"debug", "info", "warning", "error"};
const std::vector<std::string_view> k_executors{"auto", "thread", "process"};
const std::vector<std::string_view> k_schemes{"http", "https", "ftp", "ftps"};
const std::vector<std::string_view> k_proxy_schemes{"http",    "https",  "socks4",
                                                    "socks4a", "socks5", "socks5h"};

bool is_account_name(std::string_view name) {
  const auto allowed = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
  };
  return !name.empty() && name.front() != '-' && std::ranges::all_of(name, allowed);
}

void read_account(TableReader& table, std::string_view key, std::string& value) {
  if (table.text(key, value) && !is_account_name(value)) table.fail(key, "is no name of a user or group");
}

void read_daemon(TableReader table, Config::Daemon& daemon) {
  read_account(table, "user", daemon.user);
  table.path("state_directory", daemon.state_directory);
  if (table.path("runtime_directory", daemon.runtime_directory) &&
      daemon.runtime_directory.string().size() > k_longest_runtime_directory)
    table.fail("runtime_directory", fmt::format("must be at most {} bytes long, for the socket's name in it",
                                                k_longest_runtime_directory));
  read_account(table, "socket_group", daemon.socket_group);
  if (table.duration("heartbeat", daemon.heartbeat, {0s, 24h}) && daemon.heartbeat != 0s &&
      daemon.heartbeat < 100ms)
    table.fail("heartbeat", "must be \"0\", which turns it off, or 100ms to 1d");
  table.choice("log_level", daemon.log_level, k_log_levels);
  table.finish();
}

void read_queue(TableReader table, Config::Queue& queue) {
  table.integer("limit", queue.limit, {1, 1'000'000});
  table.integer("active", queue.active, {1, 1000});
  table.integer("active_per_host", queue.active_per_host, {1, 1000});
  table.duration("keep_finished", queue.keep_finished, {0s, 10 * k_year});
  table.integer("keep_finished_count", queue.keep_finished_count, {0, 1'000'000});
  table.finish();
}

/// `delays` becomes the place and the name of the delay that the table sets, if it sets one.
void read_retry(TableReader table, Config::Retry& retry, std::string& delays) {
  table.integer("tries", retry.tries, {1, 1000});
  if (table.duration("max_delay", retry.max_delay, {1ms, 30 * 24h}))
    delays = table.where("max_delay") + ": `retry.max_delay`";
  if (table.duration("first_delay", retry.first_delay, {1ms, 24h}))
    delays = table.where("first_delay") + ": `retry.first_delay`";
  table.duration("first_contact_timeout", retry.first_contact_timeout, {100ms, k_year});
  table.duration("no_progress_timeout", retry.no_progress_timeout, {100ms, 10 * k_year});
  table.finish();
}

void read_schemes(TableReader& table, std::vector<std::string>& schemes) {
  if (!table.texts("schemes", schemes)) return;
  if (schemes.empty()) table.fail("schemes", "must name at least one scheme");
  for (std::size_t i = 0; i < schemes.size(); ++i) {
    if (std::ranges::find(k_schemes, schemes[i]) != k_schemes.end()) continue;
    if (schemes[i] == "file") table.fail("schemes", i, "must not be file: file_roots allows it");
    const auto near = nearest(schemes[i], k_schemes);
    table.fail("schemes", i,
               fmt::format("must be one of {}{}", fmt::join(k_schemes, ", "),
                           near ? fmt::format("; did you mean `{}`?", *near) : std::string()));
  }
}

void read_proxy(TableReader& table, Config::Transfer& transfer) {
  if (table.text("proxy", transfer.proxy) && !transfer.proxy.empty()) {
    if (std::ranges::find(k_proxy_schemes, url_scheme(transfer.proxy)) == k_proxy_schemes.end())
      table.fail("proxy", fmt::format("must be empty or a URL with one of the schemes {}",
                                      fmt::join(k_proxy_schemes, ", ")));
    if (url_host(transfer.proxy).empty()) table.fail("proxy", "names no host");
  }
  if (!table.texts("no_proxy", transfer.no_proxy)) return;
  for (std::size_t i = 0; i < transfer.no_proxy.size(); ++i)
    if (transfer.no_proxy[i].empty() || transfer.no_proxy[i].find_first_of(" ,/") != std::string::npos)
      table.fail("no_proxy", i, "must be a host name, a domain or an address");
}

void read_transfer(TableReader table, Config::Transfer& transfer) {
  std::string executor(job::to_string(transfer.executor));
  table.choice("executor", executor, k_executors);
  transfer.executor = job::executor_kind_from_string(executor).value_or(job::ExecutorKind::automatic);
  table.integer("threads", transfer.threads, {1, 64});
  table.duration("connect_timeout", transfer.connect_timeout, {100ms, 1h});
  table.duration("stall_timeout", transfer.stall_timeout, {100ms, 24h});
  table.size("min_rate", transfer.min_rate, {0, k_any_size});
  table.duration("min_rate_time", transfer.min_rate_time, {1s, 24h});
  table.integer("max_redirects", transfer.max_redirects, {0, 100});
  table.size("max_size", transfer.max_size, {0, k_any_size});
  read_schemes(table, transfer.schemes);
  table.paths("file_roots", transfer.file_roots);
  read_proxy(table, transfer);
  std::string ca_file = transfer.ca_file.string();
  if (table.text("ca_file", ca_file) && !ca_file.empty() && ca_file.front() != '/')
    table.fail("ca_file", "must be empty or an absolute path");
  transfer.ca_file = ca_file;
  if (table.text("user_agent", transfer.user_agent) &&
      (transfer.user_agent.empty() || transfer.user_agent.size() > k_longest_user_agent))
    table.fail("user_agent", fmt::format("must be 1 to {} bytes long", k_longest_user_agent));
  table.finish();
}

void read_worker(TableReader table, Config::Worker& worker) {
  table.integer("limit", worker.limit, {1, 256});
  if (table.size("memory", worker.memory, {0, 1ULL << 40}) && worker.memory != 0 &&
      worker.memory < k_min_worker_memory)
    table.fail("memory", "must be 0, which means no limit, or 128M to 1T");
  table.integer("open_files", worker.open_files, {32, 4096});
  table.finish();
}

void read_catalog(TableReader table, Config::CatalogFolders& catalog) {
  table.paths("folders", catalog.folders);
  table.finish();
}

void read_file(const std::filesystem::path& file, Config& config, std::string& delays) {
  const auto document = toml::Document::load(file);
  auto root = document.root();
  const auto read_table = [&root](std::string_view name, auto read, auto&... what) {
    if (auto table = root.table(name)) read(std::move(*table), what...);
  };
  read_table("daemon", read_daemon, config.daemon);
  read_table("queue", read_queue, config.queue);
  read_table("retry", read_retry, config.retry, delays);
  read_table("transfer", read_transfer, config.transfer);
  read_table("worker", read_worker, config.worker);
  read_table("catalog", read_catalog, config.catalog);
  root.finish();
}

bool is_missing(const std::filesystem::path& file) {
  std::error_code error;
  return std::filesystem::symlink_status(file, error).type() == std::filesystem::file_type::not_found;
}

}  // namespace

Config read(const std::filesystem::path& file, bool required,
            const std::vector<std::filesystem::path>& drop_in_folders) {
  Config config;
  std::string delays;
  if (required || !is_missing(file)) read_file(file, config, delays);
  for (const auto& drop_in : toml::drop_in_files(drop_in_folders)) read_file(drop_in, config, delays);
  // Only now: each of two files may be wrong without the other one.
  if (config.retry.first_delay > config.retry.max_delay)
    throw toml::ConfigError(delays + " makes first_delay longer than max_delay");
  return config;
}

}  // namespace concd::config
