#include "worker/unpack_worker.hpp"

#include <utility>

#include "util/crash_point.hpp"
#include "worker/start_failure.hpp"

namespace concd::worker {

UnpackWorker::UnpackWorker(event::Loop& loop, const WorkerSettings& settings, const Unpack& order, Done done)
    : m_done(std::move(done)),
      m_supervisor(
          loop, settings, order, [this](const Report& report) { on_report(report); },
          [this](const job::Failure& how) { on_end(how); }) {}

void UnpackWorker::stop() {
  if (m_state == State::ended) return;
  m_state = State::stopped;
  m_supervisor.kill();
}

void UnpackWorker::on_report(const Report& report) {
  if (m_state == State::stopped || m_state == State::ended) return;
  if (const auto* unpacked = std::get_if<Unpacked>(&report)) {
    m_unpacked = *unpacked;
    m_state = State::ended;
    crash_point("unpack.outcome_heard");
    m_supervisor.expect_end();
  } else if (!std::holds_alternative<Started>(report)) {
    m_supervisor.cut("reported what it was not asked for");
  } else if (m_state == State::started) {
    m_supervisor.cut("started twice");
  } else {
    m_state = State::started;
  }
}

void UnpackWorker::on_end(const job::Failure& how) {
  if (m_state == State::ended)
    m_done(m_unpacked.failure);
  else if (m_state == State::stopped)
    m_done(unpacking_stopped());
  else
    m_done(how);
}

}  // namespace concd::worker
