#include "sd/watchdog.hpp"

#include <cstdlib>
#include <filesystem>

#include <sys/socket.h>
#include <sys/un.h>

#include "support/catch.hpp"
#include "util/errno_error.hpp"
#include "util/unique_fd.hpp"

using namespace concd;
using namespace std::chrono_literals;

namespace {

/// A service manager that counts the messages it gets.
class FakeManager {
 public:
  FakeManager()
      : m_path(std::filesystem::temp_directory_path() / ("concd-notify-" + std::to_string(::getpid()))) {
    std::filesystem::remove(m_path);
    m_socket.reset(check_errno(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket"));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    m_path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    check_errno(::bind(m_socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
    ::setenv("NOTIFY_SOCKET", m_path.c_str(), 1);
  }
  ~FakeManager() {
    ::unsetenv("NOTIFY_SOCKET");
    std::filesystem::remove(m_path);
  }
  int messages() {
    int count = 0;
    char buffer[256];
    while (::recv(m_socket.get(), buffer, sizeof buffer, 0) > 0) ++count;
    return count;
  }

 private:
  std::filesystem::path m_path;
  UniqueFd m_socket;
};

int fed_after(std::vector<Liveness*> liveness) {
  FakeManager manager;
  event::Loop loop;
  const SystemClock clock;
  sd::Notifier notifier;
  sd::Watchdog watchdog(loop, clock, notifier, 30ms, std::move(liveness));
  event::Timer end(loop, [&] { loop.exit(0); });
  end.arm(clock.boottime() + 60ms);
  loop.run();
  return manager.messages();
}

}  // namespace

TEST_CASE("an idle daemon feeds the watchdog again and again") {
  Liveness idle;
  CHECK(fed_after({&idle}) >= 2);
}

TEST_CASE("one hung thread starves the watchdog") {
  Liveness idle, hung;
  hung.beat();
  // The first look sees the beat; after that it never moves again.
  CHECK(fed_after({&idle, &hung}) == 1);
}
