#pragma once

#include <functional>
#include <memory>

#include <systemd/sd-bus.h>

#include "event/loop.hpp"
#include "util/clock.hpp"

namespace concd::event {

/// What is called on a bus.
struct BusMethod {
  const char* destination;
  const char* path;
  const char* interface;
  const char* member;
};

/// A connection to the system bus, sd-bus(3), served by the loop: nothing here waits for it.
class Bus {
 public:
  /// Appends the arguments; returns what sd_bus_message_append(3) does.
  using Arguments = std::function<int(sd_bus_message* call)>;
  /// The reply, which may be an error, or say that the connection or the time was lost.
  using Answered = std::function<void(sd_bus_message* reply)>;

  /// Begins to connect. Throws std::system_error where there is no such bus.
  explicit Bus(Loop& loop);
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  /// Connected, or on the way there.
  [[nodiscard]] bool is_open() const;
  /// Calls `answered` once, later, or never when the Bus is destroyed first, which `answered` must not do.
  /// `timeout` counts from when the bus is connected. Throws std::system_error.
  void call(const BusMethod& method, const Arguments& arguments, Microseconds timeout, Answered answered);

 private:
  struct Close {
    void operator()(sd_bus* bus) const noexcept;
  };
  static int trampoline(sd_bus_message* reply, void* pending, sd_bus_error*) noexcept;

  Loop& m_loop;
  std::unique_ptr<sd_bus, Close> m_bus;
};

}  // namespace concd::event
