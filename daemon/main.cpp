#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "catalog/catalog.hpp"
#include "check_as_service.hpp"
#include "command_line.hpp"
#include "config/config.hpp"
#include "instance.hpp"
#include "lib/toml/document.hpp"
#include "library/state_folder.hpp"
#include "lifecycle/daemonize.hpp"
#include "lifecycle/descriptors.hpp"
#include "lifecycle/environment.hpp"
#include "lifecycle/listener.hpp"
#include "lifecycle/pid_file.hpp"
#include "lifecycle/privileges.hpp"
#include "logging.hpp"
#include "sd/activation.hpp"
#include "sd/notifier.hpp"
#include "store/recover.hpp"
#include "util/descriptor_limit.hpp"
#include "util/errno_error.hpp"
#include "util/file.hpp"
#include "util/no_core_dump.hpp"

namespace concd {
namespace {

namespace fs = std::filesystem;

/// The signals that the event loop takes, and those that must not end a thread.
void block_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // Those two mean nothing to concd, and would end it.
  for (const int signal : {SIGPIPE, SIGUSR1, SIGUSR2}) ::signal(signal, SIG_IGN);
}

/// concd-worker of the same build when concd runs from a build tree, else the installed one.
fs::path worker_program() {
  const auto beside = fs::read_symlink("/proc/self/exe").parent_path() / "worker/process/concd-worker";
  return fs::exists(beside) ? beside : fs::path(CONCD_LIBEXEC_DIR) / "concd-worker";
}

void make_folder(const fs::path& folder, mode_t mode, const std::optional<lifecycle::User>& owner) {
  if (::mkdir(folder.c_str(), mode) < 0) {
    if (errno == EEXIST) return;
    throw errno_error("make the folder " + folder.string());
  }
  // Not by path: where the folder above is the user's, another one may have taken its place.
  const auto opened = open_file(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  check_errno(::fchmod(opened.get(), mode), "chmod " + folder.string());
  if (owner) check_errno(::fchown(opened.get(), owner->uid, owner->gid), "chown " + folder.string());
}

UniqueFd listener_for(const config::Config::Daemon& config, const std::optional<lifecycle::User>& user) {
  const auto path = config.runtime_directory / "concd.sock";
  if (user) return lifecycle::listen_at(path, user->uid, lifecycle::find_group(config.socket_group));
  return lifecycle::listen_at(path, ::geteuid(), ::getegid());
}

/// What makes this daemon the only one in its runtime folder and on its state, to which another runtime
/// folder may lead as well.
struct Locks {
  lifecycle::PidFile runtime, state;

  Locks(const config::Config::Daemon& config, const std::optional<lifecycle::User>& owner)
      : runtime(config.runtime_directory / "concd.pid", owner),
        state(config.state_directory / "concd.lock", owner) {}

  void write() {
    runtime.write();
    state.write();
  }
  void clear() noexcept {
    runtime.clear();
    state.clear();
  }
  void unlock() noexcept {
    state.unlock();
    runtime.unlock();
  }
};

/// From here on in the process that will serve. Returns the exit status.
int serve(const CommandLine& options, Instance::Start start, const std::optional<lifecycle::User>& user,
          Locks& locks, const std::function<void()>& ready) {
  if (!start.listener) start.listener = listener_for(start.config.daemon, user);
  locks.write();
  if (user) lifecycle::become(*user);
  forbid_core_dumps();
  raise_descriptor_limit();
  block_signals();
  const library::StateFolder folder(start.config.daemon.state_directory);
  folder.prepare();
  start_logging(options.foreground, folder.log_file());
  int status = EXIT_FAILURE;
  {
    Instance instance(std::move(start));
    status = instance.run(ready);
  }
  locks.clear();
  return status;
}

/// Mends the queue as far as it can be. Returns the exit status.
int recover_queue(const fs::path& file) {
  const auto recovered = store::recover(file);
  if (!recovered) {
    std::printf("%s needs no recovery\n", file.c_str());
    return EXIT_SUCCESS;
  }
  std::printf(
      "%s is new, with %zu jobs and %zu files of the library that could still be read; the damaged one is "
      "%s\n",
      file.c_str(), recovered->jobs, recovered->artifacts, recovered->aside.c_str());
  if (recovered->lost_jobs > 0)
    std::printf("%zu more jobs are lost: it cannot be read any more what they fetch\n", recovered->lost_jobs);
  return EXIT_SUCCESS;
}

/// The exit status for what keeps concd from running.
int status_of(const std::exception& error) {
  if (dynamic_cast<const toml::ConfigError*>(&error) != nullptr) return EX_CONFIG;
  if (dynamic_cast<const lifecycle::AlreadyRunning*>(&error) != nullptr) return EX_UNAVAILABLE;
  return EXIT_FAILURE;
}

/// Starts as the command line says. Returns the exit status; throws what keeps concd from running.
int start(const CommandLine& options) {
  lifecycle::start_clean(sd::passed_descriptors());
  // Both are addressed to this process: after a fork they would be void.
  auto activation = sd::take_activation();
  lifecycle::clean_environment();

  Instance::Start what;
  what.config_file = options.config;
  what.config = config::load(options.config);
  what.catalog = catalog::Catalog::load(what.config.catalog_folders, config::trust_in(options.config));
  if (options.check_config) {
    if (::geteuid() == 0) check_as_service(options.config, what.config.daemon);
    return EXIT_SUCCESS;
  }
  what.worker_program = worker_program();
  what.watchdog = activation.watchdog;
  what.listener = std::move(activation.listener);
  what.kept = std::move(activation.kept);

  const auto& daemon = what.config.daemon;
  std::optional<lifecycle::User> user;
  if (::geteuid() == 0) user = lifecycle::find_user(daemon.user);
  make_folder(daemon.runtime_directory, 0755, user);
  make_folder(daemon.state_directory, 0750, user);
  Locks locks(daemon, user);
  if (options.recover) {
    if (user) lifecycle::become(*user);
    return recover_queue(library::StateFolder(daemon.state_directory).database());
  }

  sd::Notifier notifier;
  if (options.foreground) return serve(options, std::move(what), user, locks, [&] { notifier.ready(); });

  auto handover = lifecycle::daemonize([&](pid_t pid) { notifier.hand_over(pid); });
  bool is_ready = false;
  try {
    return serve(options, std::move(what), user, locks, [&] {
      handover.ready();
      is_ready = true;
    });
  } catch (const std::exception& error) {
    if (is_ready) {
      spdlog::critical("{}", error.what());
      throw;
    }
    const int status = status_of(error);
    // Whoever reads the message may start another concd before this process has ended.
    locks.unlock();
    handover.failed(status, error.what());
    return status;
  }
}

int run(int argc, char** argv) {
  const auto parsed = parse_command_line(argc, argv);
  if (const auto* status = std::get_if<int>(&parsed)) return *status;
  int status = EXIT_FAILURE;
  try {
    status = start(std::get<CommandLine>(parsed));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "concd: %s\n", error.what());
    status = status_of(error);
  }
  spdlog::shutdown();
  return status;
}

}  // namespace
}  // namespace concd

int main(int argc, char** argv) {
  return concd::run(argc, argv);
}
