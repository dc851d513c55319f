#pragma once

#include <cstdint>
#include <functional>

#include "event/loop.hpp"

namespace concd::event {

/// Watches a descriptor that somebody else owns and keeps open, sd_event_add_io(3). Events are EPOLLIN etc.
class Io {
 public:
  using Handler = std::function<void(std::uint32_t events)>;

  Io(Loop& loop, int fd, std::uint32_t events, Handler handler);
  Io(const Io&) = delete;
  Io& operator=(const Io&) = delete;

  /// Changes what is watched for; 0 keeps only errors and hang-ups.
  void set_events(std::uint32_t events);
  void set_enabled(bool enabled);

 private:
  static int trampoline(sd_event_source*, int, std::uint32_t events, void* self) noexcept;

  Loop& m_loop;
  Handler m_handler;
  Source m_source;
  std::uint32_t m_events;
};

}  // namespace concd::event
