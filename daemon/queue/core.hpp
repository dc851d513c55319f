#pragma once

#include <functional>
#include <map>
#include <vector>

#include "catalog/catalog.hpp"
#include "config/config.hpp"
#include "queue/admission.hpp"
#include "queue/artifacts.hpp"
#include "queue/callers_files.hpp"
#include "queue/held_back.hpp"
#include "queue/ledger.hpp"
#include "queue/parts.hpp"
#include "queue/recheck.hpp"
#include "queue/retention.hpp"
#include "queue/retrier.hpp"
#include "queue/runner.hpp"
#include "queue/service.hpp"
#include "queue/starter.hpp"
#include "queue/storage.hpp"
#include "queue/transfers.hpp"
#include "queue/view.hpp"
#include "scheduler/places.hpp"

namespace concd::queue {

/// What an earlier life of the daemon has left in the database.
struct Legacy {
  store::LastIds last;
  std::vector<job::Transfer> transfers;
  std::vector<job::Job> jobs;
  std::vector<job::Artifact> artifacts;
  Microseconds seen{};  ///< see Retention::restore()
  /// The files of callers that outlived it, by the jobs that they were handed over for.
  std::map<job::Id, UniqueFd> files{};
};

/// The queue, put together of its parts, and its life: configure, restore, run, stop. Main thread.
class Core {
 public:
  /// What it works with; borrowed.
  struct Surroundings {
    const Clock& clock;
    const AlarmMaker& alarms;
    Storage& storage;
    const library::StateFolder& folder;
    Listener& listener;
    Retrier::Online online;
    Retrier::FreeBytes free_bytes;
  };

  explicit Core(const Surroundings& with);

  /// Before anything else: who carries attempts and publications out.
  void attach(Executors executors, publish::Publisher& publisher, DescriptorStore& descriptors);
  /// For what is decided from now on.
  void configure(const config::Config& config, catalog::Catalog catalog);
  /// Takes over what an earlier life left: its jobs are queued again, files that belong to nobody are
  /// removed.
  void restore(Legacy legacy);
  /// Begins to run jobs.
  void run();
  /// Refuses new work, checkpoints what runs, and calls `stopped` once nothing goes on and all is handed to
  /// the storage.
  void stop(std::function<void()> stopped);

  [[nodiscard]] Service& service() { return m_service; }
  [[nodiscard]] job::ExecutorEvents& events() { return m_runner; }

 private:
  /// Removes what a transfer that has just ended leaves of itself.
  void clean_up(const job::Transfer& transfer);
  void take_over_file(job::Transfer& transfer, std::map<job::Id, UniqueFd>& files);

  const Clock& m_clock;
  const library::StateFolder& m_folder;
  scheduler::Places m_places;
  Views m_views;
  Ledger m_ledger;
  CallersFiles m_files;
  Parts m_parts;
  Transfers m_transfers;
  Artifacts m_artifacts;
  Recheck m_recheck;
  Starter m_starter;
  HeldBack m_held_back;
  Retrier m_retrier;
  Runner m_runner;
  Admission m_admission;
  Retention m_retention;
  Service m_service;
};

}  // namespace concd::queue
