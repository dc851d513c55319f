#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <utility>

#include <systemd/sd-event.h>

#include "util/thread_checker.hpp"

namespace concd::event {

/// Which of several pending sources is dispatched first, sd_event_source_set_priority(3). Those of the same
/// urgency are dispatched in the order in which they became pending.
enum class Urgency : std::int64_t {
  high =
      SD_EVENT_PRIORITY_IMPORTANT,  ///< signals, and what shows that the loop turns: it never waits in line
  normal = SD_EVENT_PRIORITY_NORMAL,
};

/// Owns one sd_event loop, sd-event(3). Lives on the thread that made it; every source belongs to that
/// thread. A handler that throws ends run(), which throws the exception on: nothing passes through C.
class Loop {
 public:
  Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  /// Runs until exit() and returns its code; rethrows what a handler threw.
  int run();
  void exit(int code);
  /// Turns until `done` says so, before run(): an sd_event that has been exited cannot run again.
  void run_until(const std::function<bool()>& done);

  /// For the sources of this folder only.
  [[nodiscard]] sd_event* raw() const {
    check_thread();
    return m_event;
  }
  /// Test builds abort when this is not the thread of the loop.
  void check_thread() const { m_thread.check(); }

  /// Runs a handler and keeps what it throws for run(). For the sources of this folder only.
  template <typename Function>
  int guard(Function&& function) noexcept {
    try {
      function();
      return 0;
    } catch (...) {
      m_error = std::current_exception();
      sd_event_exit(m_event, 1);
      return 0;
    }
  }

 private:
  sd_event* m_event = nullptr;
  std::exception_ptr m_error;
  [[no_unique_address]] ThreadChecker m_thread;
};

/// Throws std::system_error.
void set_urgency(sd_event_source* source, Urgency urgency);

/// Owns one source of a loop; destroying it ends the callbacks.
struct SourceUnref {
  void operator()(sd_event_source* source) const noexcept { sd_event_source_disable_unref(source); }
};
using Source = std::unique_ptr<sd_event_source, SourceUnref>;

}  // namespace concd::event
