#include "event/child.hpp"

#include <csignal>

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/errno_error.hpp"

namespace concd::event {
namespace {

void kill_and_reap(pid_t pid) noexcept {
  ::kill(pid, SIGKILL);
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

Child::Child(Loop& loop, pid_t pid, Handler handler)
    : m_loop(loop), m_pid(pid), m_handler(std::move(handler)) {
  const auto pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  int result = pidfd < 0 ? -errno : 0;
  sd_event_source* source = nullptr;
  if (result >= 0) result = sd_event_add_child_pidfd(loop.raw(), &source, pidfd, WEXITED, trampoline, this);
  // One-shot, as it is by default, it could be lost: epoll may tell of the end a moment before waitid(2)
  // does, and sd-event would not ask again. It registers anew only what was off.
  if (result >= 0) result = sd_event_source_set_enabled(source, SD_EVENT_OFF);
  if (result >= 0) result = sd_event_source_set_enabled(source, SD_EVENT_ON);
  if (result < 0) {
    sd_event_source_unref(source);
    if (pidfd >= 0) ::close(pidfd);
    kill_and_reap(pid);
    throw errno_error("watch a child process", -result);
  }
  m_source.reset(source);
  sd_event_source_set_child_pidfd_own(source, 1);
}

Child::~Child() {
  if (m_ended) return;
  m_source.reset();
  kill_and_reap(m_pid);
}

void Child::kill(int signal) noexcept {
  if (!m_ended) sd_event_source_send_child_signal(m_source.get(), signal, nullptr, 0);
}

int Child::trampoline(sd_event_source*, const siginfo_t* info, void* self) noexcept {
  auto* child = static_cast<Child*>(self);
  sd_event_source_set_enabled(child->m_source.get(), SD_EVENT_OFF);
  child->m_ended = true;
  const ChildExit how{info->si_code == CLD_EXITED, info->si_status};
  return child->m_loop.guard([handler = child->m_handler, how] { handler(how); });
}

}  // namespace concd::event
