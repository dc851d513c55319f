#include "engine/thread.hpp"

#include <algorithm>
#include <utility>

#include "job/local_failure.hpp"
#include "util/start_thread.hpp"

namespace concd::engine {
namespace {

using namespace std::chrono_literals;

constexpr long k_idle_connections = 16;
constexpr Microseconds k_report_interval = 250ms;
constexpr Microseconds k_failure_pause = 100ms;

}  // namespace

Thread::Thread(std::size_t index, ThreadPool& disk, std::shared_ptr<Reporter> reporter,
               std::shared_ptr<HostConnections> hosts)
    : m_name("transfer-" + std::to_string(index)),
      m_multi(k_idle_connections),
      m_surroundings{m_multi, m_staging, disk, std::move(reporter), std::move(hosts)},
      m_thread(start_thread(m_name, [this] { run(); })) {}

Thread::~Thread() {
  m_quit.store(true);
  m_multi.wakeup();
  m_thread.join();
}

void Thread::start(Assignment assignment) {
  send(std::move(assignment));
}

void Thread::stop(TicketPtr ticket) {
  send(Stop{std::move(ticket)});
}

void Thread::send(Command command) {
  m_owner.check();
  const bool first = m_commands.with([&](auto& commands) {
    commands.push_back(std::move(command));
    return commands.size() == 1;
  });
  // Only the first needs to wake the thread: turn() takes all that are there.
  if (first) m_multi.wakeup();
}

void Thread::run() {
  while (!m_quit.load()) {
    try {
      turn();
      wait();
    } catch (const std::exception& error) {
      // Nothing that went wrong out here tells which attempt is to blame: all are tried again later.
      for (const auto& attempt : m_attempts) attempt->fail(error);
      conclude_ended();
      // What made poll(2) fail may last: no reason to turn the loop as fast as it goes.
      std::this_thread::sleep_for(k_failure_pause);
    }
  }
  m_attempts.clear();
}

void Thread::turn() {
  m_liveness.beat();
  auto commands = m_commands.with([](auto& all) { return std::exchange(all, {}); });
  for (auto& command : commands) obey(std::move(command));
  m_multi.perform();
  const auto now = m_clock.boottime();
  for (const auto& attempt : m_attempts) attempt->advance(now);
  m_staging.flush();
  while (const auto done = m_multi.next_done()) done->easy->handler().on_done(done->code);
  conclude_ended();
  if (now >= m_next_report) report(now);
}

void Thread::obey(Command command) noexcept {
  if (const auto* const stop = std::get_if<Stop>(&command)) return stop_attempt(stop->ticket);
  auto& assignment = std::get<Assignment>(command);
  try {
    begin(assignment, m_clock.boottime());
  } catch (const std::exception& error) {
    std::erase(m_attempts, nullptr);
    job::Outcome failed;
    failed.failure = job::failure_of(error);
    failed.checkpoint = std::move(assignment.task.checkpoint);
    m_surroundings.reporter->finished(assignment.ticket, std::move(failed));
  }
}

void Thread::stop_attempt(const TicketPtr& ticket) {
  const auto found = std::ranges::find(m_attempts, ticket, [](const auto& each) { return each->ticket(); });
  // Otherwise its end is already on its way.
  if (found != m_attempts.end() && !(*found)->over()) (*found)->stop();
}

void Thread::begin(Assignment& assignment, Microseconds now) {
  if (m_attempts.empty()) m_next_report = now + k_report_interval;
  m_surroundings.reporter->started(assignment.ticket, {.thread_id = m_name});
  // All that may throw comes before the assignment is moved from: obey() reports it.
  m_attempts.push_back(nullptr);
  m_attempts.back() = std::make_unique<Attempt>(std::move(assignment), m_surroundings);
  m_attempts.back()->begin(now);
}

void Thread::conclude_ended() {
  for (auto& attempt : m_attempts) {
    if (!attempt->over()) continue;
    attempt->conclude();
    attempt.reset();
  }
  std::erase(m_attempts, nullptr);
}

void Thread::report(Microseconds now) {
  m_next_report = now + k_report_interval;
  std::vector<std::pair<TicketPtr, job::Progress>> batch;
  for (const auto& attempt : m_attempts) {
    if (auto news = attempt->news(now)) batch.emplace_back(attempt->ticket(), *news);
    attempt->save(now);
    attempt->check_pace(now);
  }
  if (!batch.empty()) m_surroundings.reporter->progress(std::move(batch));
}

void Thread::wait() {
  if (m_attempts.empty()) {
    m_staging.release();
    m_liveness.idle();
    return m_multi.poll(std::nullopt);
  }
  auto until = m_next_report;
  for (const auto& attempt : m_attempts)
    if (const auto due = attempt->due()) until = std::min(until, *due);
  m_multi.poll(until - m_clock.boottime());
}

}  // namespace concd::engine
