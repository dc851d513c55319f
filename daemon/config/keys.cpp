#include "config/keys.hpp"

#include "config/rules.hpp"

namespace concd::config {
namespace {

using namespace std::chrono_literals;

constexpr Microseconds k_year = 365 * 24h;
constexpr auto k_any_size = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
/// What is left of sockaddr_un::sun_path, unix(7), for the folder of "/concd.sock".
constexpr std::size_t k_max_runtime_directory = 96;
constexpr std::size_t k_max_user_agent = 256;
/// With its libraries and two arenas of malloc a worker's transfer by TLS needs between 80 and 96 MiB.
constexpr std::uint64_t k_min_worker_memory = 128ULL << 20;

/// The member of a Config that the pointers lead to, one inside of the other.
template <auto... Members>
auto& at(Config& config) {
  return (config.*....*Members);
}

void put_log_level(Config& config, const std::string& word) {
  config.daemon.log_level = word;
}

void put_executor(Config& config, const std::string& word) {
  config.executor = job::executor_kind_from_string(word).value();
}

void put_sandbox(Config& config, const std::string& word) {
  using worker::SandboxPolicy;
  config.worker.sandbox =
      word == to_string(SandboxPolicy::required) ? SandboxPolicy::required : SandboxPolicy::automatic;
}

using Daemon = Config::Daemon;
using engine::Settings;
using queue::RetentionPolicy;
using scheduler::Limits;
using scheduler::RetryPolicy;
using worker::ProcessLimits;

constexpr toml::Range<std::uint32_t> k_any_count{1, 1'000'000};
constexpr toml::Range<std::uint32_t> k_any_places{0, 1000};
constexpr toml::Range<std::uint32_t> k_any_rows{0, 1'000'000};

constexpr auto k_everybody = &PerUser<std::uint32_t>::everybody;
constexpr auto k_daemon = &Config::daemon;
constexpr auto k_limits = &Config::limits;
constexpr auto k_retention = &Config::retention;
constexpr auto k_retry = &Config::retry;
constexpr auto k_transfer = &Config::transfer;
constexpr auto k_worker = &Config::worker;
constexpr auto k_callers = &Config::callers;

}  // namespace

const std::vector<Key>& keys() {
  static const std::vector<Key> k_keys{
      {"daemon", "user", "Whom root becomes when it starts concd from a shell",
       TextKey{at<k_daemon, &Daemon::user>, account_problem}},
      {"daemon", "state_directory", "Where the queue, partial files and the library are",
       PathKey{at<k_daemon, &Daemon::state_directory>}},
      {"daemon", "runtime_directory", "Where the socket and the pid file are",
       SocketFolderKey{at<k_daemon, &Daemon::runtime_directory>, k_max_runtime_directory}},
      {"daemon", "socket_group", "Whose members may submit jobs, and connect where root's concd listens",
       TextKey{at<k_daemon, &Daemon::socket_group>, account_problem}},
      {"daemon", "admin_group", "Whose members see and manage the jobs of all users, as root does",
       TextKey{at<k_daemon, &Daemon::admin_group>, account_problem}},
      {"daemon", "heartbeat", "How often the journal gets an entry that says what the daemon is doing",
       SpanKey{at<k_daemon, &Daemon::heartbeat>, {100ms, 24h}, "which turns it off"}},
      {"daemon", "log_level", "The least important entries that are written",
       ChoiceKey{put_log_level, {"debug", "info", "warning", "error"}}},

      {"queue", "limit", "Unfinished jobs at most; beyond them new ones are refused",
       NumberKey{at<&Config::max_jobs>, k_any_count}},
      {"queue", "limit_per_user", "The same of one user",
       NumberKey{at<&Config::max_jobs_per_user, k_everybody>, k_any_count}},
      {"queue", "active", "Transfers that run at once", NumberKey{at<k_limits, &Limits::active>, {1, 1000}}},
      {"queue", "active_per_host", "Transfers from the same host and port that run at once",
       NumberKey{at<k_limits, &Limits::active_per_host>, {1, 1000}}},
      {"queue", "active_per_user", "Transfers of the same user that run at once; 0 means no limit",
       NumberKey{at<k_limits, &Limits::active_per_user, k_everybody>, k_any_places}},
      {"queue", "keep_finished", "How long an ended job is listed, and the file of a URL kept",
       SpanKey{at<k_retention, &RetentionPolicy::keep_finished>, {0s, 10 * k_year}}},
      {"queue", "keep_finished_count", "Ended jobs that are kept at most; the oldest go first",
       NumberKey{at<k_retention, &RetentionPolicy::keep_finished_count>, k_any_rows}},
      {"queue", "keep_finished_count_per_user", "The same of one user",
       NumberKey{at<k_retention, &RetentionPolicy::keep_finished_count_per_user, k_everybody>, k_any_rows}},

      {"retry", "tries", "Failed attempts in a row without progress after which a job is given up",
       NumberKey{at<k_retry, &RetryPolicy::tries>, {1, 1000}}},
      {"retry", "first_delay",
       "The longest wait after the first failed attempt; it doubles with each further one",
       SpanKey{at<k_retry, &RetryPolicy::first_delay>, {1ms, 24h}}},
      {"retry", "max_delay", "What the wait gets to at most by doubling",
       SpanKey{at<k_retry, &RetryPolicy::max_delay>, {1ms, 30 * 24h}}},
      {"retry", "first_contact_timeout",
       "A job is given up when none of its servers has ever answered for so long",
       SpanKey{at<k_retry, &RetryPolicy::first_contact_timeout>, {100ms, k_year}}},
      {"retry", "no_progress_timeout", "A job is given up when no byte has arrived for so long",
       SpanKey{at<k_retry, &RetryPolicy::no_progress_timeout>, {100ms, 10 * k_year}}},

      {"transfer", "executor", "Who runs a job for which neither caller nor catalog says it",
       ChoiceKey{put_executor, {"auto", "thread", "process"}}},
      {"transfer", "threads", "Transfer threads; each drives many transfers",
       NumberKey{at<&Config::threads>, {1, 64}}},
      {"transfer", "connect_timeout", "How long one attempt to connect may take",
       SpanKey{at<k_transfer, &Settings::connect_timeout>, {100ms, 1h}}},
      {"transfer", "stall_timeout", "A connection over which no byte comes for so long is dropped",
       SpanKey{at<k_transfer, &Settings::stall_timeout>, {100ms, 24h}}},
      {"transfer", "min_rate", "Bytes a second that a connection must bring on average; 0 means no limit",
       SizeKey{at<k_transfer, &Settings::min_rate>, {0, k_any_size}}},
      {"transfer", "min_rate_time", "How long a connection may be slower than min_rate",
       SpanKey{at<k_transfer, &Settings::min_rate_time>, {1s, 24h}}},
      {"transfer", "first_byte_timeout", "How long an attempt may take until the first byte of the file",
       SpanKey{at<k_transfer, &Settings::first_byte_timeout>, {100ms, 24h}}},
      {"transfer", "max_redirects", "Redirections that an attempt follows at most",
       NumberKey{at<k_transfer, &Settings::max_redirects>, {0, 100}}},
      {"transfer", "connections",
       "Connections over which a file is fetched, and all files of a host, at most",
       NumberKey{at<k_transfer, &Settings::connections>, {1, 64}}},
      {"transfer", "connections_total", "Connections of all transfers at most, without the first one of each",
       NumberKey{at<k_transfer, &Settings::connections_total>, {0, 1000}}},
      {"transfer", "max_size", "Bytes of the largest file that is fetched; 0 means no limit",
       SizeKey{at<k_transfer, &Settings::max_size>, {0, k_any_size}}},
      {"transfer", "min_free",
       "Bytes of the file system that stay free; 0 means 5 % of it or 1G, whichever is less",
       SizeKey{at<k_transfer, &Settings::min_free>, {0, k_any_size}}},
      {"transfer", "schemes", "What may be fetched",
       TextsKey{at<k_transfer, &Settings::schemes>, scheme_problem, "scheme"}},
      {"transfer", "file_roots", "Folders below which URLs with the scheme file are allowed",
       PathsKey{at<k_transfer, &Settings::file_roots>}},
      {"transfer", "proxy", "The proxy's URL for all transfers; empty is none",
       TextKey{at<k_transfer, &Settings::proxy>, proxy_problem}},
      {"transfer", "no_proxy", "Hosts, domains and addresses that are reached without the proxy",
       TextsKey{at<k_transfer, &Settings::no_proxy>, host_problem}},
      {"transfer", "ca_file",
       "Certificates in PEM of the authorities that are trusted; empty is the system's",
       PathKey{at<k_transfer, &Settings::ca_file>, true}},
      {"transfer", "user_agent", "What servers are told",
       TextKey{at<k_transfer, &Settings::user_agent>, nullptr, {1, k_max_user_agent}}},

      {"origins", "allow",
       "Networks and hosts that may be reached whatever deny and the rules for redirects say",
       TextsKey{at<k_transfer, &Settings::allowed_origins>, origin_problem}},
      {"origins", "deny", "Networks and hosts from which nothing is fetched",
       TextsKey{at<k_transfer, &Settings::denied_origins>, origin_problem}},

      {"worker", "limit", "Child processes that run at once",
       NumberKey{at<k_limits, &Limits::processes>, {1, 256}}},
      {"worker", "memory", "Address space of a child process",
       SizeKey{
           at<k_worker, &ProcessLimits::memory>, {k_min_worker_memory, 1ULL << 40}, "which means no limit"}},
      {"worker", "open_files", "Open files of a child process",
       NumberKey{at<k_worker, &ProcessLimits::open_files>, {32, 4096}}},
      {"worker", "silence", "A child process from which nothing is heard for so long is killed",
       SpanKey{at<k_worker, &ProcessLimits::silence>, {2s, 1h}}},
      {"worker", "sandbox", "Whether a child process works where the kernel cannot confine it as a whole",
       ChoiceKey{put_sandbox, {"auto", "require"}}},

      {"limits", "connections", "Connections to the socket at once",
       NumberKey{at<k_callers, &control::CallerLimits::connections>, {1, 50'000}}},
      {"limits", "connections_per_user", "Connections of the same user at once",
       NumberKey{at<k_callers, &control::CallerLimits::connections_per_user>, {1, 50'000}}},
      {"limits", "memory", "Bytes of calls that are not answered and of answers that are not read",
       SizeKey{at<k_callers, &control::CallerLimits::memory>, {4ULL << 20, 1ULL << 40}}},
      {"limits", "memory_per_user", "The same of one user",
       SizeKey{at<k_callers, &control::CallerLimits::memory_per_user>, {4ULL << 20, 1ULL << 40}}},
      {"limits", "submissions_per_user", "Jobs that a user may submit each second for any length of time",
       NumberKey{at<k_callers, &control::CallerLimits::submissions_per_user>, {1, 1'000'000}}},
      {"limits", "submission_burst", "Jobs that a user may submit at once, before that rate counts",
       NumberKey{at<k_callers, &control::CallerLimits::submission_burst>, {1, 1'000'000}}},
      {"limits", "files_per_user",
       "Files of the same user that are fetched into at once; what goes beyond is fetched and then copied",
       NumberKey{at<k_callers, &control::CallerLimits::files_per_user>, {0, 1'000'000}}},

      {"catalog", "folders", "The folders of the catalog; later ones win",
       PathsKey{at<&Config::catalog_folders>}},
  };
  return k_keys;
}

const std::vector<UserKey>& user_keys() {
  static const std::vector<UserKey> k_keys{
      {"limit", "Unfinished jobs at most", at<&Config::max_jobs_per_user>, k_any_count},
      {"active", "Transfers that run at once; 0 means no limit", at<k_limits, &Limits::active_per_user>,
       k_any_places},
      {"keep_finished_count", "Ended jobs that are kept at most; the oldest go first",
       at<k_retention, &RetentionPolicy::keep_finished_count_per_user>, k_any_rows},
  };
  return k_keys;
}

}  // namespace concd::config
