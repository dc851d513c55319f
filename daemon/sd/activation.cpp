#include "sd/activation.hpp"

#include <cstdlib>
#include <stdexcept>
#include <utility>
#include <vector>

#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include "sd/notifier.hpp"
#include "util/errno_error.hpp"

namespace concd::sd {
namespace {

/// The names of all, in their order. They are not in the environment any more.
std::vector<std::string> names_of_passed() {
  char** passed = nullptr;
  const int count = sd_listen_fds_with_names(1, &passed);
  if (count < 0) throw errno_error("sd_listen_fds_with_names", -count);
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) {
    names.emplace_back(passed[i]);
    std::free(passed[i]);  // as the manual page has it
  }
  std::free(static_cast<void*>(passed));
  return names;
}

}  // namespace

int passed_descriptors() {
  const int count = sd_listen_fds(0);
  if (count < 0) throw errno_error("sd_listen_fds", -count);
  return count;
}

Activation take_activation() {
  Activation activation;
  std::uint64_t watchdog = 0;
  if (sd_watchdog_enabled(1, &watchdog) > 0) activation.watchdog = Microseconds(watchdog);
  const auto names = names_of_passed();
  for (std::size_t i = 0; i < names.size(); ++i) {
    UniqueFd fd(SD_LISTEN_FDS_START + static_cast<int>(i));
    if (names[i].starts_with(k_kept_prefix))
      activation.kept[names[i].substr(k_kept_prefix.size())] = std::move(fd);
    else if (!activation.listener && sd_is_socket_unix(fd.get(), SOCK_STREAM, 1, nullptr, 0) > 0)
      activation.listener = std::move(fd);
    else
      throw std::runtime_error("the service manager passed a descriptor, " + names[i] +
                               ", that is not the one listening Unix stream socket which concd takes; see "
                               "concd.socket");
  }
  return activation;
}

}  // namespace concd::sd
