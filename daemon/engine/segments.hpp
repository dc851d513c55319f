#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/growth.hpp"
#include "engine/host_connections.hpp"
#include "engine/received.hpp"
#include "engine/segment.hpp"
#include "engine/settings.hpp"
#include "engine/sources.hpp"
#include "engine/validators.hpp"
#include "job/executor.hpp"
#include "lib/curl/multi.hpp"

namespace concd::engine {

/// The connections of one attempt: the first asks for all that is missing; where it may be divided, others
/// take parts of that from it. Lives on the transfer's thread.
class Segments final : private Segment::Owner {
 public:
  class Owner {
   public:
    /// The first answer, as Sink::accept().
    virtual bool answered(const Answer& answer) = 0;
    /// So many bytes have come after the segment's position(). False: they are not wanted.
    virtual bool came(const Segment& segment, std::uint64_t bytes) = 0;
    /// Takes them; keeps what goes wrong to itself.
    virtual void take(std::uint64_t offset, std::string_view data) noexcept = 0;
    /// Nothing: the origin has sent all that it has. Comes once.
    virtual void finished(std::optional<job::Failure> failure) = 0;

   protected:
    ~Owner() = default;
  };

  /// What the connections are made of; all outlive them.
  struct Parts {
    const job::Task& task;
    const Settings& settings;
    curl::Multi& multi;
    Staging& staging;
    std::shared_ptr<HostConnections> hosts;
  };

  Segments(Owner& owner, Parts parts);

  /// Opens the first connection, which is to bring what the plan says.
  void begin(const ResumePlan& plan, Microseconds now);
  /// From the first answer on: the file, whose total is known, may be divided, and parts come from others
  /// that have the `common` validators. `received` is told of each byte that is taken, and outlives this.
  void divide(const Received& received, const job::Validators& common);
  /// When advance() is due, µs of CLOCK_BOOTTIME; nothing: not by time.
  [[nodiscard]] std::optional<Microseconds> due() const;
  void advance(Microseconds now);

  /// What the connections have shown so far.
  struct Seen {
    bool contacted = false;   ///< something answered, be it an error
    bool met_public = false;  ///< the host of the task's URL is on the internet
    bool on_trust = false;    ///< parts were joined on trust in the digest alone
  };
  [[nodiscard]] Seen seen() const;
  [[nodiscard]] std::vector<job::DroppedMirror> dropped() const { return m_sources.dropped(); }

 private:
  bool answered(Segment& segment, const Answer& answer) override;
  bool came(Segment& segment, std::uint64_t bytes) override;
  void write(std::uint64_t offset, std::string_view data) noexcept override;
  void ended(Segment& segment, std::optional<job::Failure> failure) override;

  void open(FileSource& source, const ResumePlan& plan, std::uint64_t end);
  /// Another connection, for a part, where there is one for it and it is allowed.
  void open_piece();
  /// What it had to bring is somebody else's again.
  void lost(const Segment& segment, const job::Failure& failure);
  /// Whether nobody is left who could bring what is missing, now that the last one has failed.
  [[nodiscard]] bool is_at_end(const Segment& last);
  void count_connections();
  void look_at(const Segment& segment, Seen& seen) const;
  void close(std::size_t index);
  /// Closes those that are over or whose part somebody else has brought.
  void clear();
  /// Opens and closes connections as it is worth while and allowed.
  void tend();
  void grow();
  [[nodiscard]] std::size_t target() const { return m_growth ? m_growth->target() : 1; }
  [[nodiscard]] bool is_whole() const;
  [[nodiscard]] std::size_t working() const;
  [[nodiscard]] HostConnections::Limits limits() const;

  Owner& m_owner;
  const Parts m_parts;
  Sources m_sources;
  std::vector<std::unique_ptr<Segment>> m_segments;
  const Received* m_received = nullptr;  ///< null: not divided
  std::optional<Growth> m_growth;        ///< from the first byte on
  Microseconds m_began{}, m_now{};
  bool m_untended = false;  ///< something has changed
  Seen m_seen;              ///< of connections that are closed
};

}  // namespace concd::engine
