#include "allocation_failure.hpp"

#include <atomic>
#include <new>

namespace {

std::atomic<std::size_t> g_failing{0};

}  // namespace

// The linker leads what this program and its static libraries allocate here, ld(1) --wrap. To replace the
// operator itself would take it from the sanitizers.
extern "C" {
void* __real__Znwm(std::size_t size);
void* __wrap__Znwm(std::size_t size);
}

void* __wrap__Znwm(std::size_t size) {
  auto failing = size;
  if (size > 0 && g_failing.compare_exchange_strong(failing, 0)) throw std::bad_alloc();
  return __real__Znwm(size);
}

namespace concd::test {

void fail_allocation_of(std::size_t bytes) {
  g_failing.store(bytes);
}

}  // namespace concd::test
