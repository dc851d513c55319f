#pragma once

#include <memory>
#include <vector>

#include "job/wait_cause.hpp"
#include "scheduler/places.hpp"
#include "util/alarm.hpp"
#include "util/clock.hpp"

namespace concd::queue {

/// Tells the journal when a limit begins to hold transfers back and when it no longer does: once for all of
/// them, not once for each. Back-offs from hosts are told by the Retrier. Main thread.
class HeldBack {
 public:
  /// Borrows all.
  HeldBack(const Clock& clock, const AlarmMaker& alarms, const scheduler::Places& places);

  /// What is queued or runs may have changed: looks within a second or so.
  void note();

 private:
  void look();

  const Clock& m_clock;
  const scheduler::Places& m_places;
  std::vector<job::WaitCause> m_told;
  bool m_looks = false;  ///< the alarm is armed
  std::unique_ptr<Alarm> m_alarm;
};

}  // namespace concd::queue
