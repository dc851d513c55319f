#include "event/bus.hpp"

#include <utility>

#include "util/errno_error.hpp"

namespace concd::event {
namespace {

/// A call until its slot is gone.
struct Pending {
  Loop& loop;
  Bus::Answered answered;
};

int check(int result, const char* what) {
  if (result < 0) throw errno_error(what, -result);
  return result;
}

}  // namespace

void Bus::Close::operator()(sd_bus* bus) const noexcept {
  sd_bus_detach_event(bus);
  sd_bus_close(bus);
  sd_bus_unref(bus);
}

Bus::Bus(Loop& loop) : m_loop(loop) {
  sd_bus* bus = nullptr;
  check(sd_bus_open_system(&bus), "connect to the system bus");
  m_bus.reset(bus);
  check(sd_bus_attach_event(bus, loop.raw(), SD_EVENT_PRIORITY_NORMAL), "sd_bus_attach_event");
}

bool Bus::is_open() const {
  return sd_bus_is_open(m_bus.get()) > 0;
}

void Bus::call(const BusMethod& method, const Arguments& arguments, Microseconds timeout, Answered answered) {
  m_loop.check_thread();
  sd_bus_message* raw = nullptr;
  check(sd_bus_message_new_method_call(m_bus.get(), &raw, method.destination, method.path, method.interface,
                                       method.member),
        "make a call of the bus");
  const std::unique_ptr<sd_bus_message, decltype(&sd_bus_message_unref)> message(raw, sd_bus_message_unref);
  check(arguments(message.get()), "write a call of the bus");
  auto pending = std::make_unique<Pending>(Pending{m_loop, std::move(answered)});
  sd_bus_slot* slot = nullptr;
  check(sd_bus_call_async(m_bus.get(), &slot, message.get(), trampoline, pending.get(),
                          static_cast<std::uint64_t>(timeout.count())),
        "send a call to the bus");
  // The slot is the bus's from now on, and the call the slot's.
  sd_bus_slot_set_destroy_callback(slot, [](void* call) { delete static_cast<Pending*>(call); });
  (void)pending.release();
  check(sd_bus_slot_set_floating(slot, 1), "sd_bus_slot_set_floating");
  sd_bus_slot_unref(slot);
}

int Bus::trampoline(sd_bus_message* reply, void* pending, sd_bus_error*) noexcept {
  auto* const call = static_cast<Pending*>(pending);
  return call->loop.guard([&] { std::exchange(call->answered, nullptr)(reply); });
}

}  // namespace concd::event
