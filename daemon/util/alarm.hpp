#pragma once

#include <functional>
#include <memory>

#include "util/clock.hpp"

namespace concd {

/// Calls back once at a time of CLOCK_BOOTTIME: event::Timer in the daemon, a hand-driven one in tests.
class Alarm {
 public:
  virtual ~Alarm() = default;
  /// Calls the handler once at `when` (µs, at most `accuracy` later); a time in the past means at once, but
  /// not before arm() returns. Replaces what was armed before.
  virtual void arm(Microseconds when, Microseconds accuracy = std::chrono::milliseconds(1)) = 0;
  virtual void disarm() = 0;
};

/// Makes an alarm with that handler.
using AlarmMaker = std::function<std::unique_ptr<Alarm>(std::function<void()> handler)>;

}  // namespace concd
