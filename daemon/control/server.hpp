#pragma once

#include <cstddef>
#include <memory>

#include "control/authority.hpp"
#include "control/caller_limits.hpp"
#include "control/method_table.hpp"
#include "control/peer_credentials.hpp"
#include "event/loop.hpp"
#include "job/event.hpp"
#include "job/view.hpp"
#include "util/clock.hpp"
#include "util/unique_fd.hpp"

namespace concd::control {

/// Serves Varlink connections on a listening socket. Main thread.
/// Who exceeds one of the CallerLimits, protocol::k_frame_limit bytes a frame or k_output_limit unread bytes
/// of a connection loses its own connection only.
class Server {
 public:
  /// Takes over a listening stream socket. `methods` and the clock outlive the server.
  Server(event::Loop& loop, const Clock& clock, UniqueFd listener, const MethodTable& methods);
  ~Server();

  /// For what comes from now on.
  void set_limits(const CallerLimits& limits);
  /// For who connects from now on.
  void set_groups(const RightsGroups& groups);
  /// Who is asked where the groups do not let a caller do something; null, as at first: nobody. Outlives the
  /// server.
  void set_authority(Authority* authority);

  /// Whether some Wait, Download or Monitor hears of the job: where none does, no View need be made of it.
  [[nodiscard]] bool watches(job::Id id) const;
  /// Tells them.
  void job_changed(job::JobEventKind kind, job::View job);
  /// Accepts nobody any more; open connections go on until the server is destroyed.
  void stop_accepting();
  /// Sends at once the replies that wait for the next turn of the loop, as far as the sockets take them: for
  /// before the loop ends.
  void flush();
  [[nodiscard]] std::size_t sessions() const;

 private:
  class Impl;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace concd::control
