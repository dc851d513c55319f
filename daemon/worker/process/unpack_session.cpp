#include "worker/process/unpack_session.hpp"

#include <csignal>
#include <exception>
#include <string>

#include <unistd.h>

#include "protocol/frame.hpp"
#include "util/clock.hpp"
#include "util/crash_point.hpp"
#include "util/errno_error.hpp"
#include "util/file.hpp"
#include "worker/heard.hpp"
#include "worker/process/no_network.hpp"
#include "worker/process/sandbox.hpp"
#include "worker/process/unpack.hpp"

namespace concd::worker {
namespace {

/// By write(2): the calls of sockets are refused by now.
class Pulse {
 public:
  explicit Pulse(int socket) : m_socket(socket), m_frame(protocol::encode_frame(encode(Alive{}))) {}

  /// Says at intervals that there is somebody here. A daemon that does not read has no need of it.
  void beat() {
    const auto now = SystemClock().monotonic();
    if (now - m_last < k_alive_interval) return;
    m_last = now;
    static_cast<void>(::write(m_socket, m_frame.data(), m_frame.size()) < 0);
  }

 private:
  const int m_socket;
  const std::string m_frame;
  Microseconds m_last{};
};

/// The daemon's two ways to end it: SIGTERM, and SIGXCPU by a limit.
void let_terminate() {
  sigset_t terminate;
  ::sigemptyset(&terminate);
  ::sigaddset(&terminate, SIGTERM);
  ::sigaddset(&terminate, SIGXCPU);
  check_errno(::sigprocmask(SIG_UNBLOCK, &terminate, nullptr), "sigprocmask");
}

/// Never without: what parses a stranger's archive may be the stranger's a moment later.
std::optional<job::Failure> give_up_network() {
  try {
    refuse_network();
    return std::nullopt;
  } catch (const std::exception& error) {
    return job::Failure{job::FailureKind::other, job::RetryClass::local_resource,
                        std::string("archives cannot be unpacked without network here: ") + error.what()};
  }
}

}  // namespace

void run_unpack_session(const Unpack& order, int socket) {
  let_terminate();
  Unpacked unpacked{give_up_network()};
  if (!unpacked.failure) unpacked.failure = confine(needs_of(order), order.sandbox);
  Pulse pulse(socket);
  if (!unpacked.failure)
    unpacked.failure =
        unpack(order.archive->get(), order.folder->get(), order.limits, [&pulse] { pulse.beat(); });
  crash_point("unpack.finished");
  const auto frame = protocol::encode_frame(encode(unpacked));
  write_all(socket, frame.data(), frame.size(), "report to the daemon");
  crash_point("unpack.outcome_told");
}

}  // namespace concd::worker
