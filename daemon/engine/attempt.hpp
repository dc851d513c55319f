#pragma once

#include <exception>
#include <memory>
#include <optional>

#include "engine/attempt_state.hpp"
#include "engine/pace.hpp"
#include "engine/progress_meter.hpp"
#include "engine/received.hpp"
#include "engine/reporter.hpp"
#include "engine/saver.hpp"
#include "engine/segments.hpp"
#include "engine/settings.hpp"
#include "engine/staging.hpp"
#include "engine/validators.hpp"
#include "job/executor.hpp"
#include "lib/curl/multi.hpp"
#include "util/thread_checker.hpp"
#include "util/thread_pool.hpp"

namespace concd::engine {

/// What a transfer thread is given to do.
struct Assignment {
  job::Task task;
  std::shared_ptr<const Settings> settings;
  TicketPtr ticket;
};

/// What all attempts of a thread share.
struct Surroundings {
  curl::Multi& multi;
  Staging& staging;
  ThreadPool& disk;
  std::shared_ptr<Reporter> reporter;
  std::shared_ptr<HostConnections> hosts;
};

/// One attempt at one file, from the first request until its bytes are in the descriptor that it was handed.
/// It knows no path, and neither verifies nor publishes. Lives on its transfer thread.
class Attempt final : private Segments::Owner {
 public:
  Attempt(Assignment assignment, const Surroundings& surroundings);
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  /// Looks at what is here already and picks the origin. What goes wrong becomes the outcome.
  void begin(Microseconds now) noexcept;
  /// When advance() is due, µs of CLOCK_BOOTTIME; nothing: not by time.
  [[nodiscard]] std::optional<Microseconds> due() const;
  void advance(Microseconds now) noexcept;
  /// Ends the attempt early; what came so far is kept.
  void stop() noexcept { m_state.stop(); }
  /// Ends the attempt because of an exception outside it.
  void fail(const std::exception& error) noexcept;

  /// Nothing more will come: conclude() is next.
  [[nodiscard]] bool over() const { return m_state.over(); }
  /// Reports the outcome, by a thread of the pool where the disk is needed. The attempt is of no use
  /// afterwards.
  void conclude() noexcept;

  /// How far it is; nothing when there is no news since the last call.
  [[nodiscard]] std::optional<job::Progress> news(Microseconds now);
  /// Has the bytes synced and reported, when enough of them have come since the last time.
  void save(Microseconds now);
  /// Ends the attempt when it takes longer than the settings allow.
  void check_pace(Microseconds now);

  [[nodiscard]] const TicketPtr& ticket() const { return m_assignment.ticket; }

 private:
  bool answered(const Answer& answer) override;
  bool came(const Segment& segment, std::uint64_t bytes) override;
  void take(std::uint64_t offset, std::string_view data) noexcept override;
  void finished(std::optional<job::Failure> failure) override;

  void receive(const Answer& answer);
  /// An earlier attempt had left something that is not continued.
  [[nodiscard]] bool restarted() const;
  /// What is here is of no use to any later attempt.
  [[nodiscard]] bool worthless() const;
  [[nodiscard]] job::Outcome outcome(job::Outcome::Kind kind) const;
  void conclude_or_throw();
  void conclude_partial(job::Outcome outcome);
  [[nodiscard]] const job::Task& task() const { return m_assignment.task; }

  Assignment m_assignment;
  Surroundings m_surroundings;
  bool m_keeps = true;  ///< false: the kept file does not hold what the task's checkpoint says
  ResumePlan m_plan;
  AttemptState m_state;
  Answer m_answer;                     ///< the first; empty while it is asked for
  std::optional<Received> m_received;  ///< nothing before an answer that brings bytes
  ProgressMeter m_progress;
  Pace m_pace;
  Saver m_saver;
  [[no_unique_address]] ThreadChecker m_thread;
  Segments m_segments;  ///< last: they write into the others until they are gone
};

}  // namespace concd::engine
