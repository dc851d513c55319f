#include "util/start_thread.hpp"

#include <csignal>

#include <pthread.h>

#include "util/scope_exit.hpp"

namespace concd {

std::thread start_thread(std::string name, std::function<void()> function) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  // A thread inherits the mask: set here, there is no moment in which it could get a signal.
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const ScopeExit restore([&] { pthread_sigmask(SIG_SETMASK, &before, nullptr); });
  return std::thread([name = std::move(name), function = std::move(function)] {
    pthread_setname_np(pthread_self(), name.c_str());
    function();
  });
}

}  // namespace concd
