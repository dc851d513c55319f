#include "util/clock.hpp"

#include <ctime>

namespace concd {
namespace {

Microseconds read_clock(clockid_t id) {
  timespec time{};
  clock_gettime(id, &time);
  return std::chrono::duration_cast<Microseconds>(std::chrono::seconds(time.tv_sec) +
                                                  std::chrono::nanoseconds(time.tv_nsec));
}

}  // namespace

Microseconds SystemClock::realtime() const {
  return read_clock(CLOCK_REALTIME);
}
Microseconds SystemClock::boottime() const {
  return read_clock(CLOCK_BOOTTIME);
}
Microseconds SystemClock::monotonic() const {
  return read_clock(CLOCK_MONOTONIC);
}

}  // namespace concd
