#include "sd/activation.hpp"

#include <stdexcept>
#include <string>

#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include "util/errno_error.hpp"

namespace concd::sd {

int passed_descriptors() {
  const int count = sd_listen_fds(0);
  if (count < 0) throw errno_error("sd_listen_fds", -count);
  return count;
}

Activation take_activation() {
  Activation activation;
  std::uint64_t watchdog = 0;
  if (sd_watchdog_enabled(1, &watchdog) > 0) activation.watchdog = Microseconds(watchdog);
  const int count = sd_listen_fds(1);
  if (count < 0) throw errno_error("sd_listen_fds", -count);
  if (count == 0) return activation;
  if (count != 1 || sd_is_socket_unix(SD_LISTEN_FDS_START, SOCK_STREAM, 1, nullptr, 0) <= 0)
    throw std::runtime_error(
        "the service manager passed " + std::to_string(count) +
        " descriptor(s), but concd takes exactly one listening Unix stream socket; see concd.socket");
  activation.listener.reset(SD_LISTEN_FDS_START);
  return activation;
}

}  // namespace concd::sd
