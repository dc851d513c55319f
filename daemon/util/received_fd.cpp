#include "util/received_fd.hpp"

#include <atomic>
#include <system_error>

#include "util/start_thread.hpp"

namespace concd {
namespace {

/// Closes that may last at a time.
constexpr int k_most_closing = 16;
std::atomic<int> g_closing = 0;

}  // namespace

ReceivedFd::~ReceivedFd() {
  if (!m_fd) return;
  const int fd = m_fd.release();
  ++g_closing;
  try {
    start_thread("close", [fd] {
      ::close(fd);
      --g_closing;
    }).detach();
  } catch (const std::system_error&) {
    // Without a thread it stays open; may_come() sees to it that there are few of these.
  }
}

bool ReceivedFd::may_come() noexcept {
  return g_closing.load() < k_most_closing;
}

}  // namespace concd
