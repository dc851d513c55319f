#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/connection.hpp"
#include "client/delivery/deliverer.hpp"
#include "client/follow/followed_requests.hpp"
#include "client/follow/interrupts.hpp"
#include "client/follow/reconnect.hpp"
#include "client/follow/request.hpp"
#include "client/follow/wait_calls.hpp"
#include "client/output/report.hpp"
#include "util/clock.hpp"

namespace concd::client {

/// How requests are followed.
struct Following {
  std::filesystem::path socket;
  bool block = true;  ///< wait for the jobs and fetch their files; else only their numbers
  bool cancel_on_interrupt = false;
  std::optional<Microseconds> timeout;
};

/// Carries requests out: hands downloads over and fetches the files of ended jobs on one connection, lets
/// Waits wait for the jobs on others, and takes all up again when the daemon has been away. One thread.
class Follower {
 public:
  /// Borrows the requests, the report and the clock. A timeout runs from now.
  Follower(Following following, std::vector<FollowedRequest>& requests, Report& report, const Clock& clock);

  /// Until all is settled, the time is up, or a signal asks to leave. Returns the exit code: that of the
  /// first request that went wrong. Throws CannotConnect when concd cannot be reached to begin with.
  int run();

 private:
  void turn();
  void exchange();
  void wait_for_input();
  [[nodiscard]] int poll_timeout() const;

  void open_requests();
  void open(FollowedRequest& request);
  void attach(FollowedRequest& request);
  void on_wait_refused(FollowedRequest& request, const protocol::WireError& error);
  void lose(const std::string& why);
  void reconnect();

  void heed_interrupts();
  void cancel_jobs();
  void on_cancelled(FollowedRequest& request, const CallResult& reply);
  void detach(int code, const std::string& why);
  [[nodiscard]] int exit_code() const;

  Following m_following;
  Report& m_report;
  Interrupts m_interrupts;
  Reconnect m_reconnect;
  std::optional<Connection> m_main;  ///< for all calls but Wait
  Deliverer m_deliverer;
  FollowedRequests m_requests;
  WaitCalls m_waits;
  std::set<job::Id> m_cancelled;  ///< asked for on this m_main
  std::optional<int> m_leave;     ///< the exit code; set once it is time to go
};

}  // namespace concd::client
