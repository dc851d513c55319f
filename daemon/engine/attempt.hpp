#pragma once

#include <memory>
#include <optional>

#include "engine/digest.hpp"
#include "engine/origin.hpp"
#include "engine/part_file.hpp"
#include "engine/publisher.hpp"
#include "engine/rate.hpp"
#include "engine/reporter.hpp"
#include "engine/settings.hpp"
#include "engine/staging.hpp"
#include "engine/validators.hpp"
#include "job/executor.hpp"
#include "lib/curl/multi.hpp"

namespace concd::engine {

/// What a transfer thread is given to do.
struct Assignment {
  job::Task task;
  std::shared_ptr<const Settings> settings;
  TicketPtr ticket;
};

/// What all transfers of a thread share.
struct Surroundings {
  curl::Multi& multi;
  Staging& staging;
  Publisher& publisher;
  std::shared_ptr<Reporter> reporter;
};

/// One attempt at one file, from the first request until the bytes are all here; then conclude() hands it to
/// the publish threads. Lives on its transfer thread.
class Attempt final : private Sink, private Staging::Owner {
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
  void stop() noexcept;
  /// Ends the attempt because of an exception outside it.
  void fail(const std::exception& error) noexcept;

  /// Nothing more will come: conclude() is next.
  [[nodiscard]] bool over() const { return m_over || m_failure.has_value(); }
  /// Reports the outcome, by a publish thread where the disk is needed. The transfer is of no use afterwards.
  void conclude() noexcept;

  /// How far it is; nothing when there is no news since the last call.
  [[nodiscard]] std::optional<job::Progress> news(Microseconds now);
  /// Whether what is here of the file may ever be of use to a later attempt.
  [[nodiscard]] bool can_be_continued() const;
  /// Has the bytes synced and reported, when enough of them have come since the last time.
  void save(Microseconds now);
  /// Ends the attempt when the body comes in more slowly than the settings allow.
  void check_rate(Microseconds now);

  [[nodiscard]] const TicketPtr& ticket() const { return m_assignment.ticket; }

 private:
  bool accept(const Answer& answer) override;
  bool write(std::string_view data) override;
  void end(std::optional<job::Failure> failure) override;
  void flush(std::string_view data) noexcept override;

  void choose_origin(Microseconds now);
  void start_over(const Answer& answer);
  void go_on(const Answer& answer);
  [[nodiscard]] std::optional<job::Failure> check_size(std::uint64_t size) const;
  [[nodiscard]] std::optional<job::Failure> check_end() const;
  [[nodiscard]] job::Outcome outcome(job::Outcome::Kind kind) const;
  [[nodiscard]] const job::Task& task() const { return m_assignment.task; }
  void report(job::Outcome outcome);
  void conclude_whole();
  void conclude_partial(job::Outcome outcome);

  Assignment m_assignment;
  Surroundings m_surroundings;
  ResumePlan m_plan;
  std::shared_ptr<PartFile> m_part;  ///< null until the first answer
  std::optional<DigestStream> m_digest;
  job::Checkpoint m_checkpoint;  ///< of what is in the partial file; `durable` as far as it is known
  job::Validators m_validators;
  std::optional<job::Failure> m_failure;
  std::uint64_t m_received = 0;  ///< bytes of the file that are here, staged ones included
  std::uint64_t m_written = 0;   ///< those of them that are in the partial file
  std::uint64_t m_fetched = 0;
  Microseconds m_mtime{};
  bool m_contacted = false;
  bool m_restarted = false;
  bool m_unchanged = false;
  bool m_stopped = false;
  bool m_over = false;
  bool m_discard = false;  ///< what came is not to be trusted
  RateMeter m_rate;
  RateFloor m_floor;
  std::optional<job::Progress> m_told;
  std::uint64_t m_saved = 0;  ///< bytes of the last save()
  Microseconds m_saved_at{};
  std::shared_ptr<std::atomic<bool>> m_saving;
  std::unique_ptr<Origin> m_origin;  ///< last: it writes into the others until it is gone
};

}  // namespace concd::engine
