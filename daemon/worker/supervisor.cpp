#include "worker/supervisor.hpp"

#include <csignal>
#include <cstring>

#include <spdlog/fmt/fmt.h>

#include "util/crash_point.hpp"

namespace concd::worker {
namespace {

/// A worker reports a few times a second; what a stalled daemon finds in the socket is far less than this.
constexpr std::uint32_t k_frames_per_second = 1000;

std::string describe(pid_t pid, event::ChildExit how) {
  if (how.exited)
    return fmt::format("worker process {} ended with exit code {} and no outcome", pid, how.status);
  const auto* name = ::sigabbrev_np(how.status);
  return fmt::format("worker process {} was killed by {}", pid,
                     name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", how.status));
}

job::Outcome failed(std::string message, const job::Checkpoint& checkpoint) {
  job::Outcome outcome;
  outcome.kind = job::Outcome::Kind::failed;
  outcome.failure = job::Failure{job::FailureKind::other, job::RetryClass::retry, std::move(message)};
  outcome.checkpoint = checkpoint;
  return outcome;
}

}  // namespace

Supervisor::Supervisor(event::Loop& loop, const Settings& settings, const job::Task& task,
                       job::ExecutorEvents& events, Done done)
    : Supervisor(loop, settings, task, events, std::move(done), spawn(settings)) {}

Supervisor::Supervisor(event::Loop& loop, const Settings& settings, const job::Task& task,
                       job::ExecutorEvents& events, Done done, Spawned spawned)
    : m_id(task.id),
      m_settings(settings),
      m_events(events),
      m_done(std::move(done)),
      m_checkpoint(task.checkpoint),
      m_child(loop, spawned.pid, [this](event::ChildExit how) { on_exit(how); }),
      m_end_timer(loop, [this] { escalate(); }),
      m_channel(
          loop, std::move(spawned.socket), [this](const std::string& text) { on_frame(text); },
          [this](const std::string& offence) { on_channel_end(offence); }) {
  m_channel.send(encode(Begin{task, settings.transfer}));
  crash_point("attempt.begun");
}

void Supervisor::stop() {
  if (m_stopping || m_outcome) return;
  m_stopping = true;
  m_channel.send(encode(Stop{}));
  expect_end();
}

void Supervisor::on_frame(const std::string& text) {
  if (m_outcome) return;
  if (flooding()) return cut("sends without end");
  const auto report = decode_report(text);
  if (!report) return cut("sent what is no report: " + report.error());
  on_report(*report);
}

void Supervisor::on_report(const Report& report) {
  if (const auto* outcome = std::get_if<job::Outcome>(&report)) {
    m_outcome = *outcome;
    crash_point("attempt.outcome_heard");
    // Somebody other than the daemon may send the worker SIGTERM; nobody here waits for a stop then.
    if (outcome->kind == job::Outcome::Kind::stopped && !m_stopping)
      m_outcome = failed(fmt::format("worker process {} was told to end by somebody else", m_child.pid()),
                         outcome->checkpoint);
    expect_end();
  } else if (const auto* progress = std::get_if<job::Progress>(&report)) {
    m_events.on_progress(m_id, *progress);
  } else if (const auto* checkpoint = std::get_if<job::Checkpoint>(&report)) {
    m_checkpoint = *checkpoint;
    m_events.on_checkpoint(m_id, *checkpoint);
  } else if (m_started) {
    cut("started twice");
  } else {
    m_started = true;
    m_events.on_started(m_id, {"", m_child.pid()});
  }
}

void Supervisor::on_channel_end(const std::string& offence) {
  if (!offence.empty() && !m_outcome) return cut(offence);
  // Nothing more can come from the child; it has only to go.
  expect_end();
}

void Supervisor::on_exit(event::ChildExit how) {
  // The end of a child may be seen before its last words.
  m_channel.drain();
  m_channel.close();
  m_end_timer.disarm();
  crash_point("attempt.exited");
  m_done(m_outcome ? *m_outcome : outcome_without_report(how));
}

bool Supervisor::flooding() {
  const auto now = m_clock.boottime();
  if (now - m_window >= std::chrono::seconds(1)) {
    m_window = now;
    m_frames = 0;
  }
  return ++m_frames > k_frames_per_second;
}

void Supervisor::cut(const std::string& offence) {
  if (m_offence.empty()) m_offence = offence;
  m_channel.close();
  m_child.kill(SIGKILL);
}

void Supervisor::expect_end() {
  if (m_ending != Ending::no) return;
  m_ending = Ending::awaited;
  m_end_timer.arm(m_clock.boottime() + m_settings.stop_timeout);
}

void Supervisor::escalate() {
  if (m_ending == Ending::terminated) return m_child.kill(SIGKILL);
  m_ending = Ending::terminated;
  m_child.kill(SIGTERM);
  m_end_timer.arm(m_clock.boottime() + m_settings.term_timeout);
}

job::Outcome Supervisor::outcome_without_report(event::ChildExit how) const {
  if (m_stopping) {
    job::Outcome outcome;
    outcome.kind = job::Outcome::Kind::stopped;
    outcome.checkpoint = m_checkpoint;
    return outcome;
  }
  if (m_offence.empty()) return failed(describe(m_child.pid(), how), m_checkpoint);
  return failed(fmt::format("worker process {} was ended: it {}", m_child.pid(), m_offence), m_checkpoint);
}

}  // namespace concd::worker
