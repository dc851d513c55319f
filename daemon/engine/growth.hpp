#pragma once

#include <cstddef>
#include <cstdint>

#include "util/clock.hpp"

namespace concd::engine {

/// How many connections a file is worth: twice as many as before, as long as all together bring more than
/// before. Those that brought no more are given up, and tried again later. Pure policy; times are µs of
/// CLOCK_BOOTTIME.
class Growth {
 public:
  /// What a look at the connections shows.
  struct Sight {
    Microseconds now{};
    std::uint64_t fetched = 0;  ///< bytes that came over all of them
    std::uint64_t missing = 0;  ///< bytes of the file
    std::size_t working = 0;    ///< connections that have brought something
    std::size_t ceiling = 1;    ///< so many are allowed
  };

  /// The first connection has begun to bring bytes now, `latency` after it was asked to.
  void begin(Microseconds now, std::uint64_t fetched, Microseconds latency);
  void look(const Sight& sight);
  /// Connections to have, at least 1.
  [[nodiscard]] std::size_t target() const { return m_target; }
  /// When the next look is worth while.
  [[nodiscard]] Microseconds due() const { return m_due; }

 private:
  enum class Stage {
    measuring,  ///< what the connections bring
    opening,    ///< until more of them work
    trying,     ///< what those bring
    resting,    ///< until it is tried again
  };
  void measure(const Sight& sight, Stage stage);
  /// Bytes/s since measure(); 0: too early to tell.
  [[nodiscard]] double rate(const Sight& sight) const;
  void grow(const Sight& sight, double rate);
  void rest(const Sight& sight);

  Stage m_stage = Stage::measuring;
  std::size_t m_target = 1;
  std::size_t m_proven = 1;  ///< what the target goes back to
  double m_base = 0;         ///< bytes/s of that many
  Microseconds m_interval{};
  Microseconds m_pause{};
  Microseconds m_since{};
  std::uint64_t m_fetched = 0;
  Microseconds m_due{};
};

}  // namespace concd::engine
