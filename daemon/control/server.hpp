#pragma once

#include <cstddef>
#include <memory>

#include "control/method_table.hpp"
#include "event/loop.hpp"
#include "job/event.hpp"
#include "job/view.hpp"
#include "util/unique_fd.hpp"

namespace concd::control {

/// Connections at a time; who comes beyond is turned away at once.
inline constexpr std::size_t k_max_sessions = 4096;
/// Connections at a time of one user, so that no user can lock the others out.
inline constexpr std::size_t k_max_sessions_of_a_user = k_max_sessions / 4 * 3;

/// Serves Varlink connections on a listening socket. Main thread.
/// Limits: k_max_sessions connections, protocol::k_frame_limit bytes a frame, k_output_limit unread bytes a
/// connection; who exceeds one loses its own connection only.
class Server {
 public:
  /// Takes over a listening stream socket. `methods` outlives the server.
  Server(event::Loop& loop, UniqueFd listener, const MethodTable& methods);
  ~Server();

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
