#pragma once

#include <filesystem>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "client/connection.hpp"
#include "client/delivery/deliverer.hpp"
#include "client/follow/reconnect.hpp"
#include "client/follow/request.hpp"
#include "client/output/report.hpp"
#include "client/signals.hpp"
#include "util/clock.hpp"

namespace concd::client {

/// How requests are followed.
struct Following {
  std::filesystem::path socket;
  bool block = true;  ///< wait for the jobs and fetch their files; else only their numbers
  bool cancel_on_interrupt = false;
  std::optional<Microseconds> timeout;
};

/// Carries requests out: hands downloads over and fetches the files of ended jobs on one connection, waits
/// for the jobs on others, and takes all up again when the daemon has been away. One thread.
class Follower {
 public:
  /// Borrows the requests, the report and the clock.
  Follower(Following following, std::vector<FollowedRequest>& requests, Report& report, const Clock& clock);

  /// Until all is settled, the time is up, or a signal asks to leave. Returns the exit code: that of the
  /// first request that went wrong. Throws CannotConnect when concd cannot be reached to begin with.
  int run();

 private:
  /// A Wait, on a connection of its own: a later call there would be answered only once all its jobs ended.
  struct Batch {
    Connection connection;
    std::vector<FollowedRequest*> requests;
    bool over = false;
  };

  void turn();
  void exchange();
  void wait_for_input();
  [[nodiscard]] int poll_timeout() const;

  // Calls.
  void open_requests();
  void open(FollowedRequest& request);
  void on_opened(FollowedRequest& request, const Reply& reply);
  void wait_for_jobs();
  void wait_for_batch(std::vector<FollowedRequest*> requests);
  void on_waited(Batch& batch, const Reply& reply, bool more);
  void lose(const std::string& why);
  void come_back();

  // FollowedRequests.
  void on_job(const nlohmann::json& raw);
  void take(FollowedRequest& request, job::Job job, const nlohmann::json& raw);
  void finish(FollowedRequest& request);
  void settle_fetched(FollowedRequest& request);
  void on_delivered(FollowedRequest& request, const tl::expected<Delivered, Undelivered>& result);
  void settle(FollowedRequest& request, int code, std::string result, const std::string& trouble = {});
  [[nodiscard]] bool all_settled() const;

  // Leaving early.
  void heed_signals();
  void heed_time();
  void cancel_jobs();
  void on_cancelled(FollowedRequest& request, const Reply& reply);
  void detach(int code, const std::string& why);
  [[nodiscard]] int exit_code() const;

  Following m_following;
  std::vector<FollowedRequest>& m_requests;
  Report& m_report;
  const Clock& m_clock;
  Signals m_signals;
  Reconnect m_reconnect;
  std::optional<Microseconds> m_deadline;  ///< boottime
  std::optional<Connection> m_main;        ///< for all calls but Wait
  std::list<Batch> m_batches;
  Deliverer m_deliverer;
  std::map<job::Id, FollowedRequest*> m_by_id;
  std::size_t m_opening = 0;      ///< requests whose first reply is not here
  bool m_unawaited = false;       ///< there may be jobs that no Wait is out for
  std::optional<int> m_signal;    ///< that asked to leave
  std::set<job::Id> m_cancelled;  ///< asked for on this m_main
  std::optional<int> m_leave;     ///< the exit code; set once it is time to go
};

}  // namespace concd::client
