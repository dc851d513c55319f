#include "queue/core.hpp"

#include <map>

#include "util/crash_point.hpp"

namespace concd::queue {
namespace {

/// How long a transfer waits after a restart for the caller whose file it is fetched into.
constexpr auto k_callers_time = std::chrono::seconds(15);

}  // namespace

Core::Core(const Surroundings& with)
    : m_clock(with.clock),
      m_folder(with.folder),
      m_places(scheduler::Limits{}),
      m_views(m_places, with.folder),
      m_ledger(with.clock, with.alarms, with.storage),
      m_parts(with.folder, m_files),
      m_transfers(
          with.clock, m_ledger, m_views, with.listener,
          [this](const job::Transfer& transfer) { clean_up(transfer); },
          [this](const job::Transfer& transfer) { m_files.release(transfer.into); }),
      m_artifacts(with.folder),
      m_recheck(m_artifacts, m_ledger, with.folder),
      m_starter(with.clock, m_places, m_transfers, m_artifacts, m_parts, m_files),
      m_held_back(with.clock, with.alarms, m_places),
      m_retrier(with.clock, with.alarms, m_places, m_transfers, m_starter, with.online, with.free_bytes,
                [this] { m_runner.pump(); }),
      m_runner({with.clock, m_places, m_transfers, m_ledger, m_artifacts, with.folder, m_parts, m_files,
                m_starter, m_retrier, m_held_back}),
      m_admission({with.clock, m_ledger, with.storage, m_transfers, m_runner, m_files, m_artifacts, m_views}),
      m_retention(with.clock, with.alarms, m_ledger, with.storage, with.folder),
      m_service({with.clock, m_ledger, with.storage, m_transfers, m_runner, m_admission, m_retention, m_files,
                 m_artifacts, m_recheck, m_views, with.folder}) {
  m_ledger.on_ended([this](std::size_t count) { m_retention.note_ended(count); });
}

void Core::clean_up(const job::Transfer& transfer) {
  m_parts.remove(transfer);
  // An earlier life may have published it without getting to write that down.
  if (std::get<job::Ended>(transfer.phase).end != job::End::done) m_folder.remove_result(transfer.id);
}

void Core::attach(Executors executors, publish::Publisher& publisher, DescriptorStore& descriptors) {
  m_files.attach(descriptors);
  m_starter.attach(executors);
  m_runner.attach(publisher);
  m_recheck.attach(publisher);
}

void Core::configure(const config::Config& config, catalog::Catalog catalog) {
  m_places.set_limits(config.limits);
  m_starter.set_executor(config.executor);
  m_retrier.set_policy(config.retry, m_folder.kept_free(config.transfer.min_free));
  m_admission.set_limits(config.max_jobs, config.max_jobs_per_user);
  m_files.set_limit(config.callers.files_per_user);
  m_retention.set_policy(config.retention);
  m_service.configure(std::move(catalog), config.transfer);
  m_runner.pump();
}

void Core::restore(Legacy legacy) {
  m_ledger.start_from(legacy.last);
  m_retention.restore(legacy.seen);
  for (auto& artifact : legacy.artifacts) m_artifacts.put(std::move(artifact));
  std::map<job::Id, std::uint32_t> parts;
  for (auto& transfer : legacy.transfers) {
    transfer.phase = m_retrier.phase_after_restart(transfer);
    if (transfer.into) take_over_file(transfer, legacy.files);
    if (transfer.checkpoint.part != 0) parts[transfer.id] = transfer.checkpoint.part;
    m_transfers.add(std::move(transfer));
  }
  // Those of transfers that ended as the daemon did.
  for (const auto& [job, file] : legacy.files) m_files.drop(job);
  std::vector<job::Id> late;
  for (auto& job : legacy.jobs) {
    const auto& joined = m_transfers.join(std::move(job));
    // A job that joined a transfer at the moment when that ended.
    if (is_ending(joined, m_transfers.of(joined))) late.push_back(joined.id);
  }
  for (const auto id : late) m_admission.rejoin(*m_transfers.find_job(id));
  std::vector<job::Id> all;
  for (const auto& [id, record] : m_transfers.records()) all.push_back(id);
  for (const auto id : all) m_runner.restore(m_transfers.at(id));
  m_folder.remove_stray_partials(parts);
  m_folder.trash().empty();
  crash_point("restore.done");
}

/// Its file outlived the daemon, or its caller has a while to come back.
void Core::take_over_file(job::Transfer& transfer, std::map<job::Id, UniqueFd>& files) {
  const auto found = files.find(transfer.into.job);
  if (found != files.end()) {
    auto file = std::make_shared<const UniqueFd>(std::move(found->second));
    files.erase(found);
    if (m_files.hold_again(transfer, std::move(file))) return m_files.keep(transfer.into);
    m_files.drop(transfer.into.job);
  }
  if (!job::is<job::Queued>(transfer.phase)) return;
  job::Waiting wait;
  wait.cause->kind = job::WaitKind::callers_file;
  wait.until = m_clock.realtime() + k_callers_time;
  transfer.phase = std::move(wait);
}

void Core::run() {
  m_retention.run();
  m_runner.run();
}

void Core::stop(std::function<void()> stopped) {
  m_retention.stop();
  m_runner.stop([this, stopped = std::move(stopped)] {
    m_ledger.flush();
    stopped();
  });
}

}  // namespace concd::queue
