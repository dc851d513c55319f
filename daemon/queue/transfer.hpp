#pragma once

#include <optional>
#include <set>
#include <string>

#include "job/executor.hpp"
#include "job/executor_kind.hpp"
#include "job/id.hpp"
#include "queue/rate_meter.hpp"
#include "util/clock.hpp"

namespace concd::queue {

/// What is fetched once for all the jobs that want it (promise 4). Its id is that of the job that began it.
struct Transfer {
  job::Id id = 0;
  std::string key;            ///< see transfer_key()
  std::set<job::Id> wanting;  ///< jobs that wait for it: queued, running or waiting
  std::set<job::Id> parked;   ///< paused jobs that would continue it
  bool running = false;       ///< an executor has it and has not reported its end
  bool ending = false;        ///< its end is being written down; nobody joins any more
  job::ExecutorKind kind = job::ExecutorKind::thread;
  job::Execution execution{};  ///< of the attempt that runs
  RateMeter rate{};
  std::uint64_t furthest = 0;      ///< most bytes of the file that were ever here: the measure of progress
  std::uint32_t waits = 0;         ///< attempts in a row that ended in a wait
  std::uint64_t attempt_from = 0;  ///< bytes that were here when the attempt began
  Microseconds attempt_start{};    ///< CLOCK_MONOTONIC
  Microseconds stalled{};          ///< how long no byte has arrived, since the first attempt
  std::optional<Microseconds> stalled_until{};  ///< CLOCK_MONOTONIC up to which that is counted
  std::uint64_t room = 0;     ///< bytes that the disk must have free before the next try; 0: any
  Microseconds room_until{};  ///< CLOCK_BOOTTIME when it is tried without that
  Microseconds tried_for{};   ///< in attempts and the waits after them, while the machine was online
  std::optional<Microseconds> alarm{};  ///< CLOCK_BOOTTIME when it goes on, while it waits
};

}  // namespace concd::queue
