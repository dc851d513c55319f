#include "instance.hpp"

#include <csignal>
#include <cstdlib>
#include <utility>

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include "logging.hpp"
#include "sd/message_id.hpp"
#include "store/queries.hpp"
#include "util/crash_point.hpp"
#include "util/log.hpp"
#include "util/units.hpp"
#include "worker/process/settings.hpp"

namespace concd {
namespace {

/// Executors that have not let go by then are left behind; TimeoutStopSec= is longer.
constexpr auto k_stop_limit = std::chrono::seconds(20);
constexpr auto k_status_interval = std::chrono::seconds(1);

engine::Settings settings_of(const config::Config::Transfer& config) {
  engine::Settings settings;
  settings.connect_timeout = config.connect_timeout;
  settings.stall_timeout = config.stall_timeout;
  settings.min_rate = config.min_rate;
  settings.min_rate_time = config.min_rate_time;
  settings.max_redirects = config.max_redirects;
  settings.max_size = config.max_size;
  settings.schemes = config.schemes;
  settings.file_roots = config.file_roots;
  settings.proxy = config.proxy;
  settings.no_proxy = config.no_proxy;
  settings.ca_file = config.ca_file;
  settings.user_agent = config.user_agent;
  return settings;
}

worker::Settings worker_settings(const config::Config& config, const std::filesystem::path& program,
                                 const UniqueFd& claim) {
  return {program, config.worker.memory, config.worker.open_files,
          worker::encode_settings(settings_of(config.transfer)), claim.get()};
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
      m_store(m_folder.database(), [this](std::function<void()> call) { m_mailbox.post(std::move(call)); }),
      m_dispatcher(m_loop, m_clock, m_store, m_folder),
      m_pool(settings_of(m_config.transfer), m_config.transfer.threads, m_mailbox, m_dispatcher),
      m_worker(m_loop, worker_settings(m_config, m_worker_program, m_claim), m_dispatcher),
      m_methods(control::io_concd_methods(m_dispatcher)),
      m_heartbeat(m_loop, m_clock, [this](Microseconds uptime) { beat(uptime); }),
      m_watchdog(m_loop, m_clock, m_notifier, start.watchdog, liveness()),
      m_stop_limit(m_loop, [this] { m_loop.exit(EXIT_SUCCESS); }),
      m_status_timer(m_loop, [this] { show_status(); }) {
  m_dispatcher.attach(m_pool, m_worker,
                      [this](std::string_view event, const job::Job& job) { on_changed(event, job); });
  m_dispatcher.configure(m_config, std::move(start.catalog));
  take_over();
  serve(std::move(start.listener));
}

int Instance::run(const std::function<void()>& ready) {
  m_dispatcher.run();
  ready();
  log_event(sd::message_id::started, "started",
            fmt::format("concd {} is ready, with {} transfer threads and its state in {}", CONCD_VERSION,
                        m_config.transfer.threads, m_folder.root().string()));
  set_log_level(m_config.daemon.log_level);
  m_heartbeat.set_interval(m_config.daemon.heartbeat);
  show_status();
  return m_loop.run();
}

std::vector<Liveness*> Instance::liveness() {
  auto liveness = m_pool.liveness();
  liveness.push_back(&m_store.liveness());
  return liveness;
}

void Instance::take_over() {
  std::vector<job::Job> jobs;
  std::vector<job::Artifact> artifacts;
  std::exception_ptr failure;
  bool answered = false;
  m_store.post(
      [&](store::Queries& queries) {
        jobs = queries.unfinished_jobs();
        artifacts = queries.artifacts();
      },
      [&](const std::exception_ptr& error) {
        failure = error;
        answered = true;
      });
  m_loop.run_until([&] { return answered; });
  if (failure) std::rethrow_exception(failure);
  m_dispatcher.restore(std::move(jobs), std::move(artifacts));
}

/// Only what is known can be answered for: callers and signals wait until the queue has been taken over.
void Instance::serve(UniqueFd listener) {
  m_server.emplace(m_loop, std::move(listener), m_methods);
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
                             config.transfer.threads != now.transfer.threads;
  if (needs_restart)
    spdlog::warn(
        "a changed state_directory, runtime_directory, user, socket_group or threads counts from the next "
        "restart on");
  m_config = config;
  m_pool.set_settings(settings_of(config.transfer));
  m_worker.set_settings(worker_settings(config, m_worker_program, m_claim));
  set_log_level(config.daemon.log_level);
  m_heartbeat.set_interval(config.daemon.heartbeat);
}

void Instance::reload() {
  m_notifier.reloading();
  try {
    const auto config = config::load(m_config_file);
    auto catalog = catalog::Catalog::load(config.catalog.folders);
    const auto entries = catalog.entries().size();
    apply(config);
    m_dispatcher.configure(config, std::move(catalog));
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
  m_dispatcher.stop([this] {
    crash_point("stop.checkpointed");
    m_store.post([](store::Queries&) {}, [this](const std::exception_ptr&) { m_loop.exit(EXIT_SUCCESS); });
  });
}

void Instance::beat(Microseconds uptime) {
  const auto status = m_dispatcher.status();
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

void Instance::on_changed(std::string_view event, const job::Job& job) {
  m_server->job_changed(event, job);
  m_status_timer.arm(m_status_shown + k_status_interval);
}

void Instance::show_status() {
  if (m_stopping) return;
  m_status_shown = m_clock.boottime();
  const auto status = m_dispatcher.status();
  m_notifier.status(fmt::format("{} active, {} queued, {} waiting, {}/s", status.active, status.queued,
                                status.waiting, format_size(status.rate)));
}

}  // namespace concd
