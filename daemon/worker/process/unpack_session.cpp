#include "worker/process/unpack_session.hpp"

#include <csignal>
#include <exception>

#include "protocol/frame.hpp"
#include "util/crash_point.hpp"
#include "util/errno_error.hpp"
#include "util/file.hpp"
#include "worker/process/no_network.hpp"
#include "worker/process/unpack.hpp"

namespace concd::worker {
namespace {

void let_terminate() {
  sigset_t terminate;
  ::sigemptyset(&terminate);
  ::sigaddset(&terminate, SIGTERM);
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
  if (!unpacked.failure) unpacked.failure = unpack(order.archive->get(), order.folder->get(), order.limits);
  crash_point("unpack.finished");
  // By write(2): the calls of sockets are refused by now.
  const auto frame = protocol::encode_frame(encode(unpacked));
  write_all(socket, frame.data(), frame.size(), "report to the daemon");
  crash_point("unpack.outcome_told");
}

}  // namespace concd::worker
