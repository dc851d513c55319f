#include "worker/spawn.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "util/crash_point.hpp"
#include "util/errno_error.hpp"
#include "util/scope_exit.hpp"

namespace concd::worker {
namespace {

/// Options of the sanitizers are for the whole tree of processes; everything else is fixed.
constexpr std::array k_inherited{"ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"};

/// Seconds from SIGXCPU, which tells by what a child has died, to SIGKILL.
constexpr rlim_t k_cpu_grace = 5;

/// Threads and processes of the daemon's user, beyond which a child can start none; TasksMax= of
/// concd.service, which counts for the daemon as well, is twice that.
constexpr rlim_t k_threads_of_all = 1024;

void check_spawn(int error, const std::string& context) {
  if (error != 0) throw errno_error(context, error);
}

/// The child's descriptors, posix_spawn_file_actions_init(3).
class FileActions {
 public:
  FileActions(int socket, int keepsake) {
    // Above the numbers that are given away below.
    if (keepsake >= 0)
      m_keepsake.reset(
          check_errno(::fcntl(keepsake, F_DUPFD_CLOEXEC, k_worker_keepsake + 1), "copy a descriptor"));
    check_spawn(posix_spawn_file_actions_init(&m_actions), "posix_spawn_file_actions_init");
    ScopeExit undo([this] { posix_spawn_file_actions_destroy(&m_actions); });
    // The socket first: the numbers below may be its own where the caller runs without standard descriptors.
    check_spawn(posix_spawn_file_actions_adddup2(&m_actions, socket, k_worker_socket), "adddup2");
    if (m_keepsake)
      check_spawn(posix_spawn_file_actions_adddup2(&m_actions, m_keepsake.get(), k_worker_keepsake),
                  "adddup2");
    check_spawn(posix_spawn_file_actions_addopen(&m_actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0),
                "addopen");
    check_spawn(posix_spawn_file_actions_addopen(&m_actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0),
                "addopen");
    const int first_unused = m_keepsake ? k_worker_keepsake + 1 : k_worker_keepsake;
    check_spawn(posix_spawn_file_actions_addclosefrom_np(&m_actions, first_unused), "addclosefrom");
    undo.release();
  }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { posix_spawn_file_actions_destroy(&m_actions); }

  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &m_actions; }

 private:
  posix_spawn_file_actions_t m_actions{};
  UniqueFd m_keepsake;
};

/// The child's session and signals, posix_spawnattr_init(3): the daemon blocks what it reads from the loop.
class Attributes {
 public:
  Attributes() {
    check_spawn(posix_spawnattr_init(&m_attributes), "posix_spawnattr_init");
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&m_attributes, &none);
    posix_spawnattr_setsigdefault(&m_attributes, &all);
    posix_spawnattr_setflags(&m_attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() { posix_spawnattr_destroy(&m_attributes); }

  [[nodiscard]] const posix_spawnattr_t* get() const { return &m_attributes; }

 private:
  posix_spawnattr_t m_attributes{};
};

std::vector<std::string> environment() {
  std::vector<std::string> variables{"PATH=/usr/bin:/bin", "LANG=C.UTF-8"};
  const auto inherit = [&variables](const char* name) {
    if (const auto* value = std::getenv(name)) variables.push_back(std::string(name) + "=" + value);
  };
  for (const auto* name : k_inherited) inherit(name);
  for (const auto* name : k_test_variables) inherit(name);
  return variables;
}

void limit(pid_t pid, __rlimit_resource resource, rlim_t wanted, rlim_t grace = 0) {
  rlimit limits{};
  check_errno(::prlimit(pid, resource, nullptr, &limits), "read the limits of a worker process");
  // Without privilege the daemon cannot allow more than whoever started it allows the daemon.
  const auto most = std::min(wanted, limits.rlim_max);
  limits = {most, std::min(most + grace, limits.rlim_max)};
  check_errno(::prlimit(pid, resource, &limits, nullptr), "limit a worker process");
}

/// From outside, before the worker has its task: it can neither miss nor raise them.
void set_limits(pid_t pid, const WorkerSettings& settings, const OrderLimits& order) {
  if (settings.limits.memory != 0) limit(pid, RLIMIT_AS, settings.limits.memory);
  limit(pid, RLIMIT_NOFILE, settings.limits.open_files);
  limit(pid, RLIMIT_CORE, 0);
  limit(pid, RLIMIT_NPROC, k_threads_of_all);
  if (order.cpu != RLIM_INFINITY) limit(pid, RLIMIT_CPU, order.cpu, k_cpu_grace);
  if (order.file_size != RLIM_INFINITY) limit(pid, RLIMIT_FSIZE, order.file_size);
}

}  // namespace

Spawned spawn(const WorkerSettings& settings, const OrderLimits& limits) {
  std::array<int, 2> pair{};
  check_errno(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()),
              "socketpair");
  UniqueFd ours(pair[0]);
  const UniqueFd theirs(pair[1]);

  const FileActions actions(theirs.get(), settings.keepsake);
  const Attributes attributes;
  std::string name = settings.program.filename();
  std::array<char*, 2> arguments{name.data(), nullptr};
  auto variables = environment();
  std::vector<char*> pointers;
  for (auto& variable : variables) pointers.push_back(variable.data());
  pointers.push_back(nullptr);

  pid_t pid = 0;
  check_spawn(::posix_spawn(&pid, settings.program.c_str(), actions.get(), attributes.get(), arguments.data(),
                            pointers.data()),
              settings.program.string());
  ScopeExit undo([pid] {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  });
  set_limits(pid, settings, limits);
  undo.release();
  return {pid, std::move(ours)};
}

}  // namespace concd::worker
