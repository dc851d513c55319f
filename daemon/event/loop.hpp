#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <utility>

#include <systemd/sd-event.h>

namespace concd::event {

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
  [[nodiscard]] sd_event* raw() const { return m_event; }

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
};

/// Owns one source of a loop; destroying it ends the callbacks.
struct SourceUnref {
  void operator()(sd_event_source* source) const noexcept { sd_event_source_disable_unref(source); }
};
using Source = std::unique_ptr<sd_event_source, SourceUnref>;

}  // namespace concd::event
