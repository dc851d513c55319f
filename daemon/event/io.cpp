#include "event/io.hpp"

#include "util/errno_error.hpp"

namespace concd::event {

Io::Io(Loop& loop, int fd, std::uint32_t events, Handler handler)
    : m_loop(loop), m_handler(std::move(handler)), m_events(events) {
  sd_event_source* source = nullptr;
  const int result = sd_event_add_io(loop.raw(), &source, fd, events, trampoline, this);
  if (result < 0) throw errno_error("sd_event_add_io", -result);
  m_source.reset(source);
}

void Io::set_events(std::uint32_t events) {
  m_loop.check_thread();
  if (events == m_events) return;
  const int result = sd_event_source_set_io_events(m_source.get(), events);
  if (result < 0) throw errno_error("sd_event_source_set_io_events", -result);
  m_events = events;
}

void Io::set_enabled(bool enabled) {
  const int result = sd_event_source_set_enabled(m_source.get(), enabled ? SD_EVENT_ON : SD_EVENT_OFF);
  if (result < 0) throw errno_error("sd_event_source_set_enabled", -result);
}

int Io::trampoline(sd_event_source*, int, std::uint32_t events, void* self) noexcept {
  auto* io = static_cast<Io*>(self);
  // The handler may destroy this object; it runs from a copy that outlives it.
  auto& loop = io->m_loop;
  return loop.guard([handler = io->m_handler, events] { handler(events); });
}

}  // namespace concd::event
