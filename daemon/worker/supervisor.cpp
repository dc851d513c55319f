#include "worker/supervisor.hpp"

#include <csignal>
#include <cstring>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "util/crash_point.hpp"
#include "util/units.hpp"
#include "worker/order_limits.hpp"

namespace concd::worker {
namespace {

std::string signal_name(int signal) {
  const auto* name = ::sigabbrev_np(signal);
  return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", signal);
}

}  // namespace

Supervisor::Supervisor(event::Loop& loop, const WorkerSettings& settings, const Command& order,
                       ReportHandler on_report, EndHandler on_end)
    : Supervisor(loop, settings, order, std::move(on_report), std::move(on_end),
                 spawn(settings, limits_of(order))) {}

Supervisor::Supervisor(event::Loop& loop, const WorkerSettings& settings, const Command& order,
                       ReportHandler on_report, EndHandler on_end, Spawned spawned)
    : m_settings(settings),
      m_on_report(std::move(on_report)),
      m_on_end(std::move(on_end)),
      m_child(loop, spawned.pid, [this](event::ChildExit how) { on_exit(how); }),
      m_end_timer(loop, [this] { escalate(); }),
      m_heard(loop, settings.limits.silence,
              [this] { cut("said nothing for " + format_duration(m_settings.limits.silence)); }),
      m_channel(
          loop, std::move(spawned.socket), Descriptors::refused,
          [this](const std::string& text, const std::vector<UniqueFd>&) { on_frame(text); },
          [this](const std::string& offence) { on_channel_end(offence); }) {
  m_channel.send(encode(order), descriptors_of(order));
  crash_point("attempt.begun");
}

void Supervisor::ask_to_stop() {
  m_channel.send(encode(Stop{}));
  expect_end();
}

void Supervisor::expect_end() {
  m_thread.check();
  if (m_ending != Ending::no) return;
  m_ending = Ending::awaited;
  m_end_timer.arm(m_clock.boottime() + m_settings.stop_timeout);
}

void Supervisor::kill() {
  m_thread.check();
  m_channel.close();
  m_child.kill(SIGKILL);
}

void Supervisor::cut(const std::string& offence) {
  if (m_offence.empty()) m_offence = offence;
  kill();
}

void Supervisor::on_frame(const std::string& text) {
  m_thread.check();
  if (!m_heard.note()) return cut("sends without end");
  const auto report = decode_report(text);
  if (!report) return cut("sent a report that cannot be read: " + report.error());
  if (!std::holds_alternative<Alive>(*report)) m_on_report(*report);
}

void Supervisor::on_channel_end(const std::string& offence) {
  if (!offence.empty()) return cut(offence);
  // Nothing more can come from the child; it has only to go.
  expect_end();
}

void Supervisor::on_exit(event::ChildExit how) {
  m_thread.check();
  // The end of a child may be seen before its last words.
  m_channel.drain();
  m_channel.close();
  m_end_timer.disarm();
  crash_point("attempt.exited");
  m_on_end(failure_of(how));
}

void Supervisor::escalate() {
  if (m_ending == Ending::terminated) return m_child.kill(SIGKILL);
  m_ending = Ending::terminated;
  m_child.kill(SIGTERM);
  m_end_timer.arm(m_clock.boottime() + m_settings.term_timeout);
}

job::Failure Supervisor::failure_of(event::ChildExit how) const {
  using job::RetryClass;
  const auto failure = [this](RetryClass retry_class, const std::string& end) {
    return job::Failure{job::FailureKind::other, retry_class,
                        fmt::format("worker process {} {}", pid(), end)};
  };
  if (!m_offence.empty()) return failure(RetryClass::retry, "was ended: it " + m_offence);
  if (how.exited)
    return failure(RetryClass::retry, fmt::format("ended with exit code {} and no outcome", how.status));
  // What came from this origin has brought it there, and would again.
  if (how.status == SIGSYS)
    return failure(RetryClass::mirror,
                   "was ended by its sandbox (SIGSYS): it made a system call that its work does not need");
  if (how.status == SIGXCPU)
    return failure(RetryClass::mirror,
                   "was ended (SIGXCPU): it used more processor time than its work needs");
  return failure(RetryClass::retry, "was killed by " + signal_name(how.status));
}

}  // namespace concd::worker
