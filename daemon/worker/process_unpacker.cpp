#include "worker/process_unpacker.hpp"

#include <algorithm>
#include <deque>
#include <stdexcept>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include <sys/stat.h>

#include "event/timer.hpp"
#include "util/errno_error.hpp"
#include "worker/start_failure.hpp"
#include "worker/unpack_worker.hpp"

namespace concd::worker {
namespace {

Unpack order_for(job::SharedFd archive, job::SharedFd folder, SandboxPolicy sandbox) {
  struct stat status{};
  check_errno(::fstat(archive->get(), &status), "look at an archive");
  return {std::move(archive), std::move(folder), unpack_limits(static_cast<std::uint64_t>(status.st_size)),
          sandbox};
}

}  // namespace

class ProcessUnpacker::Impl {
 public:
  Impl(event::Loop& loop, WorkerSettings settings)
      : m_loop(loop), m_settings(std::move(settings)), m_report(loop, [this] { report(); }) {}

  void start(job::Id id, job::SharedFd archive, job::SharedFd folder, const Done& done) {
    if (!m_done.try_emplace(id, done).second)
      throw std::logic_error("an archive of this transfer is already being unpacked");
    m_waiting.push_back({id, std::move(archive), std::move(folder)});
    start_next();
  }

  void stop(job::Id id) {
    if (const auto worker = m_workers.find(id); worker != m_workers.end()) return worker->second->stop();
    if (std::erase_if(m_waiting, [id](const Order& order) { return order.id == id; }) > 0)
      finish(id, unpacking_stopped());
  }

  void set_settings(WorkerSettings settings) { m_settings = std::move(settings); }

 private:
  /// One that waits for its turn.
  struct Order {
    job::Id id = 0;
    job::SharedFd archive;
    job::SharedFd folder;
  };

  void start_next() {
    while (!m_waiting.empty() && m_workers.size() < k_max_unpackings) {
      auto order = std::move(m_waiting.front());
      m_waiting.pop_front();
      spawn_for(std::move(order));
    }
  }

  void spawn_for(Order order) {
    const auto id = order.id;
    try {
      m_workers.emplace(
          id, std::make_unique<UnpackWorker>(
                  m_loop, m_settings,
                  order_for(std::move(order.archive), std::move(order.folder), m_settings.limits.sandbox),
                  [this, id](std::optional<job::Failure> failure) { finish(id, std::move(failure)); }));
    } catch (const std::system_error& error) {
      finish(id, start_failure(error));
    }
  }

  /// Reported from the loop: neither from within start() nor while the worker is in a call.
  void finish(job::Id id, std::optional<job::Failure> failure) {
    m_finished.emplace_back(id, std::move(failure));
    m_report.arm(Microseconds(0));
  }

  void report() {
    auto finished = std::exchange(m_finished, {});
    for (const auto& [id, failure] : finished) m_workers.erase(id);
    start_next();
    for (auto& [id, failure] : finished) m_done.extract(id).mapped()(std::move(failure));
  }

  event::Loop& m_loop;
  WorkerSettings m_settings;
  std::unordered_map<job::Id, Done> m_done;  ///< of all that have not been reported
  std::deque<Order> m_waiting;
  std::vector<std::pair<job::Id, std::optional<job::Failure>>> m_finished;
  event::Timer m_report;
  std::unordered_map<job::Id, std::unique_ptr<UnpackWorker>> m_workers;
};

ProcessUnpacker::ProcessUnpacker(event::Loop& loop, WorkerSettings settings)
    : m_impl(std::make_unique<Impl>(loop, std::move(settings))) {}

ProcessUnpacker::~ProcessUnpacker() = default;

void ProcessUnpacker::start(job::Id id, job::SharedFd archive, job::SharedFd folder, Done done) {
  m_impl->start(id, std::move(archive), std::move(folder), done);
}

void ProcessUnpacker::stop(job::Id id) {
  m_impl->stop(id);
}

void ProcessUnpacker::set_settings(WorkerSettings settings) {
  m_impl->set_settings(std::move(settings));
}

}  // namespace concd::worker
