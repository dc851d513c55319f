#include "worker/process/worker_session.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include <unistd.h>

#include "util/clock.hpp"
#include "util/crash_point.hpp"
#include "worker/heard.hpp"
#include "worker/process/sandbox.hpp"
#include "worker/process/settings.hpp"
#include "worker/process/unpack_session.hpp"
#include "worker/spawn.hpp"

namespace concd::worker {
namespace {

/// How long a worker without a daemon may take to sync what it has.
constexpr Microseconds k_orphan_timeout = std::chrono::seconds(10);
/// One transfer has one thing at a time to do on the disk.
constexpr std::size_t k_disk_threads = 1;

}  // namespace

WorkerSession::WorkerSession(UniqueFd socket)
    : m_mailbox(m_loop),
      m_terminate(m_loop, SIGTERM, [this] { stop(); }),
      // A thread may hang on the disk: only an end of the whole process is sure to come in time.
      m_end_timer(m_loop, [] { ::_exit(EXIT_FAILURE); }),
      m_alive_timer(m_loop, [this] { tell_alive(); }),
      m_channel(
          m_loop, std::move(socket), Descriptors::accepted,
          [this](const std::string& text, std::vector<UniqueFd> descriptors) {
            on_frame(text, std::move(descriptors));
          },
          [this](const std::string&) { on_hang_up(); }) {}

WorkerSession::~WorkerSession() = default;

int WorkerSession::run() {
  return m_loop.run();
}

void WorkerSession::on_frame(const std::string& text, std::vector<UniqueFd> descriptors) {
  const auto command = decode_command(text, std::move(descriptors));
  if (!command) throw std::runtime_error("the daemon's command cannot be read: " + command.error());
  if (const auto* task = std::get_if<Begin>(&*command))
    begin(*task);
  else if (const auto* order = std::get_if<Unpack>(&*command))
    unpack(*order);
  else
    stop();
}

void WorkerSession::begin(const Begin& begin) {
  if (m_pool) throw std::runtime_error("the daemon sent a second task");
  auto settings = decode_settings(begin.settings);
  if (!settings) throw std::runtime_error("the daemon's settings cannot be read: " + settings.error());
  m_task = begin.task.id;
  // Before the first thread, which inherits it.
  if (auto failure = confine(needs_of(begin.task, *settings), begin.sandbox)) {
    job::Outcome outcome;
    outcome.failure = std::move(failure);
    outcome.checkpoint = begin.task.checkpoint;
    return on_finished(*m_task, outcome);
  }
  m_disk.emplace("disk", k_disk_threads);
  job::ExecutorEvents& events = *this;
  m_pool = std::make_unique<engine::Pool>(*std::move(settings), 1, *m_disk, m_mailbox, events);
  m_pool->start(begin.task);
  tell_alive();
  crash_point("worker.begun");
}

/// While the loop turns and the transfer's thread moves or has nothing to do.
void WorkerSession::tell_alive() {
  const auto is_alive = [](Liveness* thread) { return thread->alive(); };
  if (m_channel.backlog() == 0 && std::ranges::all_of(m_pool->liveness(), is_alive))
    m_channel.send(encode(Alive{}));
  m_alive_timer.arm(SystemClock().boottime() + k_alive_interval);
}

void WorkerSession::unpack(const Unpack& order) {
  if (m_pool) throw std::runtime_error("the daemon sent a second task");
  m_channel.send(encode(Started{}));
  m_channel.flush();
  crash_point("worker.unpack_begun");
  run_unpack_session(order, k_worker_socket);
  // At once: what runs at a process's end otherwise (LeakSanitizer) may need the calls that were given up.
  ::_exit(EXIT_SUCCESS);
}

void WorkerSession::stop() {
  if (m_pool) return m_pool->stop(*m_task);
  m_loop.exit(EXIT_SUCCESS);
}

void WorkerSession::on_hang_up() {
  m_end_timer.arm(SystemClock().boottime() + k_orphan_timeout);
  stop();
}

void WorkerSession::on_started(job::Id, const job::Execution&) {
  m_channel.send(encode(Started{}));
}

void WorkerSession::on_progress(job::Id, const job::Progress& progress) {
  // Where the daemon does not keep up, it wants the newest only.
  if (m_channel.backlog() == 0) m_channel.send(encode(progress));
}

void WorkerSession::on_checkpoint(job::Id, const job::Checkpoint& checkpoint) {
  m_channel.send(encode(checkpoint));
  crash_point("worker.checkpoint_told");
}

void WorkerSession::on_finished(job::Id, const job::Outcome& outcome) {
  crash_point("worker.finished");
  m_channel.send(encode(outcome));
  m_channel.flush();
  crash_point("worker.outcome_told");
  m_loop.exit(EXIT_SUCCESS);
}

}  // namespace concd::worker
