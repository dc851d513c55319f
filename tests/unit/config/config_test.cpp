#include "config/config.hpp"

#include <algorithm>
#include <regex>

#include <spdlog/fmt/fmt.h>

#include "config/keys.hpp"
#include "config/read.hpp"
#include "lib/toml/document.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace concd;
using namespace std::chrono_literals;
using config::Config;

namespace {

constexpr auto k_every_key = R"(
[daemon]
user = "nobody"
state_directory = "/srv/state"
runtime_directory = "/srv/run"
socket_group = "users"
admin_group = "wheel"
heartbeat = "200ms"
log_level = "warning"
[queue]
limit = 11
limit_per_user = 27
active = 12
active_per_host = 13
active_per_user = 26
keep_finished = "2d"
keep_finished_count = 14
keep_finished_count_per_user = 28
[retry]
tries = 15
first_delay = "50ms"
max_delay = "1min 30s"
first_contact_timeout = "16s"
no_progress_timeout = "17h"
[transfer]
executor = "process"
threads = 18
connect_timeout = "19s"
stall_timeout = "20s"
min_rate = "24K"
min_rate_time = "25s"
first_byte_timeout = "27s"
max_redirects = 21
connections = 36
connections_total = 37
max_size = "22G"
min_free = "28G"
schemes = ["https", "ftp"]
file_roots = ["/srv/files", "/srv/more"]
proxy = "http://me:secret@proxy.example:3128"
no_proxy = ["localhost", ".example.org"]
ca_file = "/etc/my-ca.pem"
user_agent = "mine/1"
[origins]
allow = ["10.0.0.0/8", "mirror.example"]
deny = ["*"]
[worker]
limit = 23
memory = 268435456
open_files = 100
silence = "3s"
sandbox = "require"
[limits]
connections = 29
connections_per_user = 30
memory = "31M"
memory_per_user = "32M"
submissions_per_user = 33
submission_burst = 34
files_per_user = 35
[catalog]
folders = ["/srv/catalog.d"]
)";

Config every_key() {
  Config config;
  config.daemon = {"nobody", "/srv/state", "/srv/run", "users", "wheel", 200ms, "warning"};
  config.max_jobs = 11;
  config.max_jobs_per_user = 27;
  config.limits = {12, 13, 26, 23};
  config.retention = {48h, 14, 28};
  config.retry = {15, 50ms, 90s, 16s, 17h};
  config.executor = job::ExecutorKind::process;
  config.threads = 18;
  config.transfer = {19s,
                     20s,
                     24ULL << 10,
                     25s,
                     27s,
                     21,
                     36,
                     37,
                     22ULL << 30,
                     28ULL << 30,
                     {"https", "ftp"},
                     {"/srv/files", "/srv/more"},
                     "http://me:secret@proxy.example:3128",
                     {"localhost", ".example.org"},
                     "/etc/my-ca.pem",
                     {"10.0.0.0/8", "mirror.example"},
                     {"*"},
                     "mine/1"};
  config.worker = {256ULL << 20, 100, 3s, worker::SandboxPolicy::required};
  config.callers = {29, 30, 31ULL << 20, 32ULL << 20, 33, 34, 35};
  config.catalog_folders = {"/srv/catalog.d"};
  return config;
}

/// The names of the keys that a text sets, "SECTION.KEY".
std::vector<std::string> keys_of(const std::string& text) {
  const std::regex line("(?:^|\n)(?:\\[([a-z]+)\\]|([a-z_]+) = )");
  std::vector<std::string> keys;
  std::string table;
  for (std::sregex_iterator match(text.begin(), text.end(), line), end; match != end; ++match) {
    if ((*match)[1].matched) table = (*match)[1];
    if ((*match)[2].matched) keys.push_back(table + "." + (*match)[2].str());
  }
  return keys;
}

config::Config load_all(const std::filesystem::path& file, bool required,
                        const std::vector<std::filesystem::path>& drop_ins) {
  return config::read(file, required, drop_ins, toml::Trust::root_or_caller);
}

}  // namespace

TEST_CASE("every key is read") {
  const test::TemporaryFolder folder;
  CHECK(config::load(folder.write("concd.toml", k_every_key)) == every_key());
}

TEST_CASE("an empty file is all defaults") {
  const test::TemporaryFolder folder;
  CHECK(config::load(folder.write("concd.toml", "")) == Config{});
}

TEST_CASE("the keys that are read here are all there are") {
  std::vector<std::string> names;
  for (const auto& key : config::keys()) names.push_back(fmt::format("{}.{}", key.section, key.name));
  CHECK(names == keys_of(k_every_key));
}

TEST_CASE("drop-ins are read after the file, by name, and change only what they name") {
  const test::TemporaryFolder folder;
  const auto file = folder.write("concd.toml", "[queue]\nlimit = 1\nactive = 1\n[daemon]\nheartbeat = \"0\"");
  folder.write("concd.toml.d/20-b.toml", "[queue]\nlimit = 3");
  folder.write("concd.toml.d/10-a.toml", "[queue]\nlimit = 2\nactive = 2");
  folder.write("concd.toml.d/30-not-read.conf", "[queue]\nlimit = 4");
  folder.write("concd.toml.d/.40-hidden.toml", "[queue]\nlimit = 5");
  const auto config = config::load(file);
  CHECK(config.max_jobs == 3);
  CHECK(config.limits.active == 2);
  CHECK(config.daemon.heartbeat == 0s);
}

TEST_CASE("drop-ins count together: what one asks for another one may allow") {
  const test::TemporaryFolder folder;
  const auto file = folder.write("concd.toml", "");
  folder.write("concd.toml.d/10-first.toml", "[retry]\nfirst_delay = \"30min\"");
  const auto longest = folder.write("concd.toml.d/20-longest.toml", "[retry]\nmax_delay = \"1h\"");
  const auto config = config::load(file);
  CHECK(config.retry.first_delay == 30min);
  CHECK(config.retry.max_delay == 1h);
  folder.write("concd.toml.d/20-longest.toml", "[retry]\nmax_delay = \"20min\"");
  CHECK_THROWS_WITH(config::load(file), longest.string() +
                                            ":2:13: `retry.max_delay` makes first_delay longer than "
                                            "max_delay");
}

TEST_CASE("of drop-ins with the same name the one in the latest folder is read") {
  const test::TemporaryFolder folder;
  folder.write("first/10.toml", "[queue]\nlimit = 2\nactive = 2");
  folder.write("first/20.toml", "[queue]\nactive = 4");
  folder.write("second/10.toml", "[queue]\nlimit = 3");
  const auto config =
      load_all(folder.path() / "missing.toml", false, {folder.path() / "first", folder.path() / "second"});
  CHECK(config.max_jobs == 3);
  CHECK(config.limits.active == 4);
}

TEST_CASE("a link to /dev/null masks a drop-in") {
  const test::TemporaryFolder folder;
  folder.write("first/10.toml", "[queue]\nlimit = 2");
  folder.write("second/20.toml", "");
  std::filesystem::create_symlink("/dev/null", folder.path() / "second/10.toml");
  CHECK(load_all("/missing", false, {folder.path() / "first", folder.path() / "second"}) == Config{});
}

TEST_CASE("a user or the members of a group may have other limits than everybody") {
  const test::TemporaryFolder folder;
  const auto file = folder.write("concd.toml", R"(
[queue]
active_per_user = 3
[user.root]
limit = 5
keep_finished_count = 6
[user."@root"]
limit = 7
active = 0
)");
  const auto config = config::load(file);
  // What is said of the user counts, also where the group comes later.
  CHECK(config.max_jobs_per_user.of(0) == 5);
  CHECK(config.retention.keep_finished_count_per_user.of(0) == 6);
  CHECK(config.limits.active_per_user.of(0) == 0);
  CHECK(config.limits.active_per_user.of(1) == 3);
  CHECK(config.max_jobs_per_user.of(1) == Config{}.max_jobs_per_user.everybody);
}
