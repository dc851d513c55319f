#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "catalog/catalog.hpp"
#include "config/config.hpp"
#include "control/io_concd.hpp"
#include "control/polkit.hpp"
#include "control/server.hpp"
#include "engine/pool.hpp"
#include "event/loop.hpp"
#include "event/mailbox.hpp"
#include "event/signal.hpp"
#include "lib/curl/global.hpp"
#include "publish/folder_sync.hpp"
#include "publish/publish_threads.hpp"
#include "queue/core.hpp"
#include "queue/store_storage.hpp"
#include "sd/activation.hpp"
#include "sd/heartbeat.hpp"
#include "sd/notifier.hpp"
#include "sd/watchdog.hpp"
#include "store/store.hpp"
#include "util/clock.hpp"
#include "util/thread_pool.hpp"
#include "worker/process_executor.hpp"
#include "worker/process_unpacker.hpp"

namespace concd {

/// The whole daemon: owns and wires every folder. The order of the members is the order of construction, and
/// reversed that of destruction. Lives on the main thread, with SIGTERM, SIGINT, SIGHUP and SIGCHLD blocked.
class Instance final : private queue::Listener, private queue::DescriptorStore {
 public:
  struct Start {
    std::filesystem::path config_file;
    config::Config config;
    catalog::Catalog catalog;
    std::filesystem::path worker_program;
    std::optional<Microseconds> watchdog;
    UniqueFd listener;
    std::map<std::string, UniqueFd> kept{};  ///< sd::Activation
  };

  /// Opens the queue, starts the threads and takes over what an earlier life left. Throws.
  explicit Instance(Start start);

  /// Serves until SIGTERM or SIGINT, then checkpoints and returns the exit status. `ready` is called once the
  /// loop is about to turn, when all is there to serve.
  int run(const std::function<void()>& ready);

 private:
  [[nodiscard]] std::vector<Liveness*> liveness();
  void tell_protection();
  void queue_moved(bool is_lost);
  void take_over(std::map<job::Id, UniqueFd> files);
  void serve(UniqueFd listener);
  void apply(const config::Config& config);
  void apply_to_server();
  void reload();
  void stop();
  void beat(Microseconds uptime);
  void touched() override;
  bool watches(job::Id id) override;
  void changed(job::JobEventKind event, const job::View& view) override;
  void keep(job::Id job, int fd) override;
  void drop(job::Id job) override;
  void show_status();

  std::filesystem::path m_config_file;
  std::filesystem::path m_worker_program;
  config::Config m_config;
  const config::Config m_first_config;  ///< what counts until the next start of the keys that need one
  SystemClock m_clock;
  curl::Global m_curl;
  event::Loop m_loop;
  event::Mailbox m_mailbox;
  sd::Notifier m_notifier;
  library::StateFolder m_folder;
  UniqueFd m_claim;  ///< see StateFolder::claim()
  store::Store m_store;
  queue::StoreStorage m_storage;
  AlarmMaker m_alarms;
  queue::Core m_queue;
  publish::FolderSync m_folder_sync;
  ThreadPool m_disk;
  engine::Pool m_pool;
  worker::ProcessExecutor m_worker;
  worker::ProcessUnpacker m_unpacker;
  publish::PublishThreads m_publisher;
  control::MethodTable m_methods;
  control::Polkit m_polkit;
  std::optional<control::Server> m_server;
  std::optional<event::Signal> m_terminate, m_interrupt, m_hang_up;
  sd::Heartbeat m_heartbeat;
  sd::Watchdog m_watchdog;
  event::Timer m_stop_limit;
  event::Timer m_status_timer;  ///< what systemctl status shows is never older than a second
  Microseconds m_status_shown{};
  bool m_stopping = false;
};

}  // namespace concd
