#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "job/id.hpp"
#include "scheduler/space.hpp"
#include "util/alarm.hpp"
#include "util/clock.hpp"

namespace concd::queue {

/// When what waits goes on: transfers at a time or once the disk has space, hosts that are backed off from at
/// a time. Main thread.
class Waits {
 public:
  struct Handlers {
    std::function<void(job::Id transfer)> transfer_is_due;
    std::function<void(const std::string& host)> host_is_due;
    std::function<std::uint64_t()> free_bytes;  ///< of the disk
  };

  Waits(const Clock& clock, const AlarmMaker& alarms, Handlers handlers);

  /// At `when`, CLOCK_BOOTTIME.
  void until(job::Id transfer, Microseconds when);
  /// Once the disk has what is needed; looked at every scheduler::k_space_poll.
  void until_space(job::Id transfer, scheduler::SpaceNeed need);
  /// It waits no more, for whatever reason.
  void remove(job::Id transfer);
  void back_off(const std::string& host, Microseconds until);

 private:
  void ring();
  void arm();
  void add(job::Id transfer, Microseconds when);

  const Clock& m_clock;
  Handlers m_handlers;
  std::set<std::pair<Microseconds, job::Id>> m_due;
  std::unordered_map<job::Id, Microseconds> m_when;
  std::unordered_map<job::Id, scheduler::SpaceNeed> m_space;
  std::set<std::pair<Microseconds, std::string>> m_hosts;
  std::unique_ptr<Alarm> m_alarm;
};

}  // namespace concd::queue
