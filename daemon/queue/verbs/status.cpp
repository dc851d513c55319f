#include "queue/service.hpp"

namespace concd::queue {

control::Status Service::status() {
  control::Status status;
  status.uptime = m.clock.boottime() - m_start;
  for (const auto& [id, job] : m.transfers.jobs()) {
    const auto state = state_of(job, m.transfers.of(job).transfer.phase);
    if (state == job::State::running || state == job::State::publishing) ++status.active;
    if (state == job::State::queued) ++status.queued;
    if (state == job::State::waiting) ++status.waiting;
    if (state == job::State::paused) ++status.paused;
  }
  for (const auto& [id, record] : m.transfers.records())
    if (record.live) status.rate += record.live->progress.rate;
  status.done = m.transfers.done();
  status.failed = m.transfers.failed();
  status.free = m.folder.free_bytes();
  return status;
}

}  // namespace concd::queue
