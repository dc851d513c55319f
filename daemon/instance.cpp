#include "instance.hpp"

#include <csignal>
#include <cstdlib>
#include <utility>

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include "event/timer.hpp"
#include "lifecycle/privileges.hpp"
#include "logging.hpp"
#include "queue/online.hpp"
#include "sd/message_id.hpp"
#include "store/queries.hpp"
#include "util/crash_point.hpp"
#include "util/log.hpp"
#include "util/units.hpp"
#include "worker/process/settings.hpp"
#include "worker/sandbox_support.hpp"

namespace concd {
namespace {

/// Executors that have not let go by then are left behind; TimeoutStopSec= is longer.
constexpr auto k_stop_limit = std::chrono::seconds(20);
/// Those that publish and sync: enough that concurrent syncs share commits of the file system's journal.
constexpr std::size_t k_disk_threads = 8;
constexpr auto k_status_interval = std::chrono::seconds(1);

worker::WorkerSettings worker_settings(const config::Config& config, const std::filesystem::path& program,
                                       const UniqueFd& claim) {
  return {program, config.worker, worker::encode_settings(config.transfer), claim.get()};
}

/// Those that keep() has kept.
std::map<job::Id, UniqueFd> files_of(std::map<std::string, UniqueFd> kept) {
  std::map<job::Id, UniqueFd> files;
  for (auto& [name, file] : kept) files[std::strtoll(name.c_str(), nullptr, 10)] = std::move(file);
  return files;
}

void log_event(std::string_view id, std::string_view event, const std::string& text,
               std::vector<log::Field> fields = {}, spdlog::level::level_enum level = spdlog::level::info) {
  fields.insert(fields.begin(), {{"MESSAGE_ID", std::string(id)}, {"CONCD_EVENT", std::string(event)}});
  log::event(level, text, fields);
}

}  // namespace

Instance::Instance(Start start)
    : m_config_file(std::move(start.config_file)),
      m_worker_program(std::move(start.worker_program)),
      m_config(std::move(start.config)),
      m_first_config(m_config),
      m_mailbox(m_loop),
      m_folder(m_config.daemon.state_directory),
      m_claim(m_folder.claim()),
      m_store(
          m_folder.database(), [this](std::function<void()> call) { m_mailbox.post(std::move(call)); },
          [this](bool is_lost) { queue_moved(is_lost); }),
      m_storage(m_store, m_folder),
      m_alarms([this](std::function<void()> handler) {
        return std::make_unique<event::Timer>(m_loop, std::move(handler));
      }),
      m_queue({m_clock, m_alarms, m_storage, m_folder, *this, [] { return queue::is_online(); },
               [this] { return m_folder.free_bytes(); }}),
      m_disk("publish", k_disk_threads),
      m_pool(m_config.transfer, m_config.threads, m_disk, m_mailbox, m_queue.events()),
      m_worker(m_loop, worker_settings(m_config, m_worker_program, m_claim), m_queue.events()),
      m_unpacker(m_loop, worker_settings(m_config, m_worker_program, m_claim)),
      m_publisher(m_mailbox, m_disk, m_folder_sync, m_unpacker),
      m_methods(control::io_concd_methods(m_queue.service())),
      m_polkit(m_loop, m_clock),
      m_heartbeat(m_loop, m_clock, [this](Microseconds uptime) { beat(uptime); }),
      m_watchdog(m_loop, m_clock, m_notifier, start.watchdog, liveness()),
      m_stop_limit(m_loop, [this] { m_loop.exit(EXIT_SUCCESS); }),
      m_status_timer(m_loop, [this] { show_status(); }) {
  m_folder.trash().removed_by([this](auto work) { m_disk.submit(std::move(work)); });
  m_queue.attach({&m_pool, &m_worker}, m_publisher, *this);
  m_queue.configure(m_config, std::move(start.catalog));
  take_over(files_of(std::move(start.kept)));
  serve(std::move(start.listener));
}

int Instance::run(const std::function<void()>& ready) {
  m_queue.run();
  ready();
  log_event(sd::message_id::started, "started",
            fmt::format("concd {} is ready, with {} transfer threads and its state in {}", CONCD_VERSION,
                        m_config.threads, m_folder.root().string()));
  tell_protection();
  set_log_level(m_config.daemon.log_level);
  m_heartbeat.set_interval(m_config.daemon.heartbeat);
  show_status();
  const int status = m_loop.run();
  m_folder.trash().stop();
  return status;
}

void Instance::tell_protection() {
  const auto protection = worker::sandbox_support();
  m_queue.service().set_protection({static_cast<std::uint32_t>(protection.landlock), protection.seccomp});
  log_event(sd::message_id::workers_confined, "workers-confined",
            "worker processes are confined by " + worker::describe(protection),
            {{"CONCD_LANDLOCK", std::to_string(protection.landlock)},
             {"CONCD_SECCOMP", protection.seccomp ? "1" : "0"}},
            protection.is_whole() ? spdlog::level::info : spdlog::level::warn);
}

std::vector<Liveness*> Instance::liveness() {
  auto liveness = m_pool.liveness();
  liveness.push_back(&m_store.liveness());
  return liveness;
}

void Instance::queue_moved(bool is_lost) {
  const auto file = m_folder.database().string();
  if (is_lost)
    log_event(sd::message_id::queue_lost, "queue-lost",
              fmt::format("{} was deleted, moved or replaced while concd runs: nothing is accepted until the "
                          "file and its -wal are back, or concd is restarted and begins with what is there",
                          file),
              {}, spdlog::level::err);
  else
    log_event(sd::message_id::queue_found, "queue-found",
              fmt::format("{} is back; jobs are accepted again", file));
}

void Instance::take_over(std::map<job::Id, UniqueFd> files) {
  queue::Legacy legacy;
  legacy.files = std::move(files);
  std::exception_ptr failure;
  bool answered = false;
  m_store.post(
      [&](store::Queries& queries) {
        legacy.last = queries.last_ids();
        legacy.transfers = queries.unfinished_transfers();
        legacy.jobs = queries.unfinished_jobs();
        legacy.artifacts = queries.artifacts();
        legacy.seen = queries.seen();
      },
      [&](const std::exception_ptr& error) {
        failure = error;
        answered = true;
      });
  m_loop.run_until([&] { return answered; });
  if (failure) std::rethrow_exception(failure);
  m_queue.restore(std::move(legacy));
}

/// Only what is known can be answered for: callers and signals wait until the queue has been taken over.
void Instance::serve(UniqueFd listener) {
  m_server.emplace(m_loop, m_clock, std::move(listener), m_methods);
  m_server->set_authority(&m_polkit);
  apply_to_server();
  m_terminate.emplace(m_loop, SIGTERM, [this] { stop(); });
  m_interrupt.emplace(m_loop, SIGINT, [this] { stop(); });
  m_hang_up.emplace(m_loop, SIGHUP, [this] { reload(); });
}

void Instance::apply(const config::Config& config) {
  const auto& now = m_first_config;
  const bool needs_restart = config.daemon.state_directory != now.daemon.state_directory ||
                             config.daemon.runtime_directory != now.daemon.runtime_directory ||
                             config.daemon.user != now.daemon.user ||
                             config.daemon.socket_group != now.daemon.socket_group ||
                             config.threads != now.threads;
  if (needs_restart)
    spdlog::warn(
        "a changed state_directory, runtime_directory, user, socket_group or threads counts from the next "
        "restart on");
  m_config = config;
  m_pool.set_settings(config.transfer);
  m_worker.set_settings(worker_settings(config, m_worker_program, m_claim));
  m_unpacker.set_settings(worker_settings(config, m_worker_program, m_claim));
  set_log_level(config.daemon.log_level);
  m_heartbeat.set_interval(config.daemon.heartbeat);
  apply_to_server();
}

void Instance::apply_to_server() {
  m_server->set_limits(m_config.callers);
  // The socket is its group's until the next start.
  m_server->set_groups({lifecycle::group_if_any(m_first_config.daemon.socket_group),
                        lifecycle::group_if_any(m_config.daemon.admin_group)});
}

void Instance::reload() {
  m_notifier.reloading();
  try {
    const auto config = config::load(m_config_file);
    auto catalog = catalog::Catalog::load(config.catalog_folders, config::trust_in(m_config_file));
    const auto entries = catalog.entries().size();
    apply(config);
    m_queue.configure(config, std::move(catalog));
    log_event(sd::message_id::reloaded, "reloaded",
              fmt::format("configuration and catalog are read anew; {} entries", entries));
    show_status();
  } catch (const std::exception& error) {
    log_event(sd::message_id::reload_refused, "reload-refused",
              fmt::format("the configuration stays as it was: {}", error.what()),
              {{"CONCD_ERROR", error.what()}}, spdlog::level::err);
    m_notifier.status(fmt::format("Reload refused: {}", error.what()));
  }
  m_notifier.ready();
}

void Instance::stop() {
  if (m_stopping) return;
  m_stopping = true;
  m_notifier.stopping();
  log_event(sd::message_id::stopping, "stopping", "concd stops; running transfers are checkpointed");
  m_server->stop_accepting();
  m_stop_limit.arm(m_clock.boottime() + k_stop_limit);
  // The store answers in order: once this comes back, all that was said before is on disk and answered.
  m_queue.stop([this] {
    crash_point("stop.checkpointed");
    m_store.post([](store::Queries&) {},
                 [this](const std::exception_ptr&) {
                   m_server->flush();
                   m_loop.exit(EXIT_SUCCESS);
                 });
  });
}

void Instance::beat(Microseconds uptime) {
  const auto status = m_queue.service().status();
  log_event(
      sd::message_id::heartbeat, "heartbeat",
      fmt::format("alive for {}: {} active, {} queued, {} done, {} failed, {}/s", format_duration(uptime),
                  status.active, status.queued, status.done, status.failed, format_size(status.rate)),
      {{"CONCD_UPTIME_USEC", std::to_string(uptime.count())},
       {"CONCD_ACTIVE", std::to_string(status.active)},
       {"CONCD_QUEUED", std::to_string(status.queued)},
       {"CONCD_DONE", std::to_string(status.done)},
       {"CONCD_FAILED", std::to_string(status.failed)},
       {"CONCD_RATE", std::to_string(status.rate)}});
  show_status();
}

void Instance::touched() {
  m_status_timer.arm(m_status_shown + k_status_interval);
}

bool Instance::watches(job::Id id) {
  return m_server && m_server->watches(id);
}

void Instance::changed(job::JobEventKind event, const job::View& view) {
  m_server->job_changed(event, view);
}

void Instance::keep(job::Id job, int fd) {
  m_notifier.keep(std::to_string(job), fd);
}

void Instance::drop(job::Id job) {
  m_notifier.drop(std::to_string(job));
}

void Instance::show_status() {
  if (m_stopping) return;
  m_status_shown = m_clock.boottime();
  const auto status = m_queue.service().status();
  m_notifier.status(fmt::format("{} active, {} queued, {} waiting, {}/s", status.active, status.queued,
                                status.waiting, format_size(status.rate)));
}

}  // namespace concd
