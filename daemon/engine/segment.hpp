#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>

#include "engine/division.hpp"
#include "engine/origin.hpp"
#include "engine/sources.hpp"
#include "engine/staging.hpp"
#include "job/extents.hpp"
#include "util/rate_meter.hpp"

namespace concd::engine {

/// One connection of an attempt and what it fetches of the file. Lives on the transfer's thread.
class Segment final : public Sink, private Staging::Owner {
 public:
  class Owner {
   public:
    /// As Sink::accept().
    virtual bool answered(Segment& segment, const Answer& answer) = 0;
    /// So many bytes have come after position(). False: they are not wanted.
    virtual bool came(Segment& segment, std::uint64_t bytes) = 0;
    /// Takes them; keeps what goes wrong to itself.
    virtual void write(std::uint64_t offset, std::string_view data) noexcept = 0;
    /// Nothing: all of it has come that the origin has, or that is still wanted. The segment must not be
    /// destroyed before this returns.
    virtual void ended(Segment& segment, std::optional<job::Failure> failure) = 0;

   protected:
    ~Owner() = default;
  };

  /// Nobody knows the end of the file.
  static constexpr auto k_unknown = std::numeric_limits<std::uint64_t>::max();

  /// To fetch [begin, end) from the source, which outlives it.
  Segment(Owner& owner, Staging& staging, FileSource& source, std::uint64_t begin, std::uint64_t end);
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  void set_origin(std::unique_ptr<Origin> origin) { m_origin = std::move(origin); }
  /// Null before set_origin().
  [[nodiscard]] Origin* origin() const { return m_origin.get(); }

  [[nodiscard]] FileSource& source() const { return m_source; }
  [[nodiscard]] std::uint64_t begin() const { return m_begin; }
  /// The next byte to come.
  [[nodiscard]] std::uint64_t position() const { return m_position; }
  /// The byte after the last one to fetch.
  [[nodiscard]] std::uint64_t end() const { return m_end; }
  /// What is past `end` is fetched by somebody else.
  void shorten(std::uint64_t end) { m_end = end; }
  /// Takes back what follows up to `end`, if the answer that it gets brings that.
  [[nodiscard]] bool lengthen(std::uint64_t end);
  /// More bytes come than were announced.
  [[nodiscard]] bool overflows(std::uint64_t bytes) const { return bytes > m_announced - m_position; }
  /// Something has come.
  [[nodiscard]] bool is_proven() const { return m_position > m_begin; }
  [[nodiscard]] bool is_over() const { return m_over; }
  void measure(Microseconds now) { m_rate.update(now, m_position); }
  [[nodiscard]] Share share() const { return {m_position, m_end, m_rate.rate(), is_proven()}; }

  // Sink, for the origin
  bool accept(const Answer& answer) override;
  bool write(std::string_view data) override;
  void end(std::optional<job::Failure> failure) override;

 private:
  void flush(std::string_view data) noexcept override;

  Segment::Owner& m_owner;
  Staging& m_staging;
  FileSource& m_source;
  std::uint64_t m_begin;
  std::uint64_t m_position;
  std::uint64_t m_written;
  std::uint64_t m_end;
  std::uint64_t m_announced = 0;  ///< the byte after the last one of the answer
  bool m_over = false;
  RateMeter m_rate;
  std::unique_ptr<Origin> m_origin;  ///< last: it writes into the others until it is gone
};

}  // namespace concd::engine
