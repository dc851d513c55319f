#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "engine/attempt.hpp"
#include "engine/staging.hpp"
#include "lib/curl/multi.hpp"
#include "util/clock.hpp"
#include "util/liveness.hpp"
#include "util/synchronized.hpp"
#include "util/thread_checker.hpp"

namespace concd::engine {

/// A transfer thread: makes many attempts on one CURLM, and sleeps without waking up when it has none. The
/// public members belong to the main thread, all others to the thread itself.
class Thread {
 public:
  /// Named "transfer-INDEX". `disk` outlives the thread. Throws std::system_error.
  Thread(std::size_t index, ThreadPool& disk, std::shared_ptr<Reporter> reporter,
         std::shared_ptr<HostConnections> hosts);
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;
  /// Drops the attempts that still run, and joins.
  ~Thread();

  void start(Assignment assignment);
  void stop(TicketPtr ticket);
  [[nodiscard]] Liveness& liveness() { return m_liveness; }

 private:
  struct Stop {
    TicketPtr ticket;
  };
  using Command = std::variant<Assignment, Stop>;

  void send(Command command);
  void run();
  void turn();
  /// What goes wrong with an assignment becomes its outcome: the commands after it are obeyed all the same.
  void obey(Command command) noexcept;
  void begin(Assignment& assignment, Microseconds now);
  void stop_attempt(const TicketPtr& ticket);
  void conclude_ended();
  void report(Microseconds now);
  void wait();

  const std::string m_name;
  Liveness m_liveness;
  SystemClock m_clock;
  curl::Multi m_multi;
  Staging m_staging;
  const Surroundings m_surroundings;
  std::vector<std::unique_ptr<Attempt>> m_attempts;
  Microseconds m_next_report{};
  Synchronized<std::vector<Command>> m_commands;
  std::atomic<bool> m_quit{false};
  [[no_unique_address]] ThreadChecker m_owner;  ///< the main thread, as it starts and stops attempts
  std::thread m_thread;                         ///< last: it uses all of the above
};

}  // namespace concd::engine
