// CLOCK_REALTIME as it would be had somebody set it: so many seconds off as the file CONCD_CHAOS_CLOCK says,
// which holds one 64-bit number and may change at any time. No other clock is touched.

#include <atomic>
#include <cstdint>
#include <cstdlib>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

namespace {

using Seconds = std::atomic<std::int64_t>;

Seconds* open_shared() {
  const char* const name = std::getenv("CONCD_CHAOS_CLOCK");
  if (name == nullptr) return nullptr;
  const int fd = ::open(name, O_RDONLY | O_CLOEXEC);
  if (fd < 0) std::abort();
  void* const page = ::mmap(nullptr, sizeof(Seconds), PROT_READ, MAP_SHARED, fd, 0);
  ::close(fd);
  if (page == MAP_FAILED) std::abort();
  return static_cast<Seconds*>(page);
}

std::int64_t offset() {
  static Seconds* const shared = open_shared();
  return shared == nullptr ? 0 : shared->load();
}

// Before main() cleans the environment.
[[gnu::constructor]] void start() {
  offset();
}

template <typename Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

#define EXPORT extern "C" [[gnu::visibility("default")]]

EXPORT int clock_gettime(clockid_t clock, timespec* time) noexcept {
  static const auto real = next<int (*)(clockid_t, timespec*)>("clock_gettime");
  const int result = real(clock, time);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += offset();
  return result;
}

EXPORT int gettimeofday(timeval* time, void* zone) noexcept {
  static const auto real = next<int (*)(timeval*, void*)>("gettimeofday");
  const int result = real(time, zone);
  if (result == 0) time->tv_sec += offset();
  return result;
}

EXPORT time_t time(time_t* where) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (where != nullptr) *where = now.tv_sec;
  return now.tv_sec;
}
