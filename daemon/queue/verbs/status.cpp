#include "queue/service.hpp"

namespace concd::queue {

control::Status Service::status() {
  control::Status status;
  status.uptime = m.clock.boottime() - m_start;
  for (const auto& [id, record] : m.transfers.records()) {
    const auto state = state_of(record.transfer.phase);
    const auto jobs = record.active.size();
    if (state == job::State::running || state == job::State::publishing) status.active += jobs;
    if (state == job::State::queued) status.queued += jobs;
    if (state == job::State::waiting) status.waiting += jobs;
    status.paused += record.paused.size();
    if (record.live) status.rate += record.live->progress.rate;
  }
  status.done = m.transfers.done();
  status.failed = m.transfers.failed();
  status.free = m.folder.free_bytes();
  status.protection = m_protection;
  return status;
}

}  // namespace concd::queue
