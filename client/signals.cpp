#include "client/signals.hpp"

#include <sys/signalfd.h>

#include "util/errno_error.hpp"

namespace concd::client {
namespace {

bool is_ignored(int signal) {
  struct sigaction action{};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

Signals::Signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const auto signal : {SIGINT, SIGTERM, SIGWINCH})
    if (!is_ignored(signal)) sigaddset(&set, signal);
  check_errno(::sigprocmask(SIG_BLOCK, &set, &m_before), "sigprocmask");
  m_fd.reset(check_errno(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd"));
}

Signals::~Signals() {
  ::sigprocmask(SIG_SETMASK, &m_before, nullptr);
}

std::optional<int> Signals::next() {
  signalfd_siginfo info{};
  if (::read(m_fd.get(), &info, sizeof info) != static_cast<ssize_t>(sizeof info)) return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

}  // namespace concd::client
