#include "engine/thread.hpp"

#include <algorithm>
#include <utility>

#include "util/start_thread.hpp"

namespace concd::engine {
namespace {

using namespace std::chrono_literals;

constexpr long k_idle_connections = 16;
constexpr Microseconds k_report_interval = 250ms;
constexpr Microseconds k_failure_pause = 100ms;

}  // namespace

Thread::Thread(std::size_t index, Publisher& publisher, std::shared_ptr<Reporter> reporter)
    : m_name("transfer-" + std::to_string(index)),
      m_multi(k_idle_connections),
      m_surroundings{m_multi, m_staging, publisher, std::move(reporter)},
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
  m_commands.with([&](auto& commands) { commands.push_back(std::move(command)); });
  m_multi.wakeup();
}

void Thread::run() {
  while (!m_quit.load()) {
    try {
      turn();
      wait();
    } catch (const std::exception& error) {
      // Nothing that went wrong out here tells which transfer is to blame: all are tried again later.
      for (const auto& transfer : m_transfers) transfer->fail(error);
      conclude_ended();
      // What made poll(2) fail may last: no reason to turn the loop as fast as it goes.
      std::this_thread::sleep_for(k_failure_pause);
    }
  }
  m_transfers.clear();
}

void Thread::turn() {
  m_liveness.beat();
  auto commands = m_commands.with([](auto& all) { return std::exchange(all, {}); });
  for (auto& command : commands) obey(std::move(command));
  m_multi.perform();
  const auto now = m_clock.boottime();
  for (const auto& transfer : m_transfers) transfer->advance(now);
  m_staging.flush();
  while (const auto done = m_multi.next_done()) done->easy->handler().on_done(done->code);
  conclude_ended();
  if (now >= m_next_report) report(now);
}

void Thread::obey(Command command) {
  if (auto* const assignment = std::get_if<Assignment>(&command))
    return begin(std::move(*assignment), m_clock.boottime());
  const auto& ticket = std::get<Stop>(command).ticket;
  const auto found = std::ranges::find(m_transfers, ticket, [](const auto& each) { return each->ticket(); });
  // Otherwise its end is already on its way.
  if (found != m_transfers.end() && !(*found)->over()) (*found)->stop();
}

void Thread::begin(Assignment assignment, Microseconds now) {
  if (m_transfers.empty()) m_next_report = now + k_report_interval;
  m_surroundings.reporter->started(assignment.ticket, {.thread_id = m_name});
  m_transfers.push_back(std::make_unique<Attempt>(std::move(assignment), m_surroundings));
  m_transfers.back()->begin(now);
}

void Thread::conclude_ended() {
  for (auto& transfer : m_transfers) {
    if (!transfer->over()) continue;
    transfer->conclude();
    transfer.reset();
  }
  std::erase(m_transfers, nullptr);
}

void Thread::report(Microseconds now) {
  m_next_report = now + k_report_interval;
  std::vector<std::pair<TicketPtr, job::Progress>> batch;
  for (const auto& transfer : m_transfers) {
    if (auto news = transfer->news(now)) batch.emplace_back(transfer->ticket(), *news);
    transfer->save(now);
    transfer->check_rate(now);
  }
  if (!batch.empty()) m_surroundings.reporter->progress(std::move(batch));
}

void Thread::wait() {
  if (m_transfers.empty()) {
    m_staging.release();
    m_liveness.idle();
    return m_multi.poll(std::nullopt);
  }
  auto until = m_next_report;
  for (const auto& transfer : m_transfers)
    if (const auto due = transfer->due()) until = std::min(until, *due);
  m_multi.poll(until - m_clock.boottime());
}

}  // namespace concd::engine
