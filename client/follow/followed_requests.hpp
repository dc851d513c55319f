#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "client/connection.hpp"
#include "client/delivery/deliverer.hpp"
#include "client/delivery/records.hpp"
#include "client/follow/request.hpp"
#include "client/output/report.hpp"

namespace concd::client {

/// The requests of one run and what the daemon tells of them: changes of their jobs become reports, ends
/// become deliveries and results. One thread.
class FollowedRequests {
 public:
  /// Borrows all. `block`: wait for the jobs and fetch their files; else their numbers are the results.
  FollowedRequests(std::vector<FollowedRequest>& requests, bool block, Report& report, Deliverer& deliverer)
      : m_requests(requests),
        m_block(block),
        m_report(report),
        m_deliverer(deliverer),
        m_records(records_folder()) {}

  [[nodiscard]] std::vector<FollowedRequest>& all() { return m_requests; }
  [[nodiscard]] bool all_settled() const;
  /// Whether the first reply of one is still to come.
  [[nodiscard]] bool is_opening() const;
  /// How many are opened and not waited for.
  [[nodiscard]] std::size_t opened() const;

  /// The file that the download is to be fetched into, new or the one that was handed over before; empty:
  /// there can be none, and it is fetched by the daemon and copied then.
  [[nodiscard]] UniqueFd file_for(FollowedRequest& request) const;
  /// The files of what is left to the daemon stay.
  void leave_files();

  /// The reply to the call that opened the request.
  void on_opened(FollowedRequest& request, const CallResult& reply);
  /// A job as the daemon tells it; one that nobody follows is ignored. Throws BadReply.
  void on_job(const nlohmann::json& raw);
  /// A call about the request's job was refused.
  void on_refused(FollowedRequest& request, const protocol::WireError& error);
  /// How the delivery of its file ended.
  void on_delivered(FollowedRequest& request, const tl::expected<Delivered, Undelivered>& result);

  /// That of the first request that went wrong, else k_complete.
  [[nodiscard]] int exit_code() const;
  /// How to go on with what is left to the daemon: "; job 7 goes on …"; empty when nothing of it has a
  /// number.
  [[nodiscard]] std::string farewell() const;

 private:
  void take(FollowedRequest& request, job::View job, const nlohmann::json& raw);
  void look_up_place(FollowedRequest& request);
  void finish(FollowedRequest& request);
  void finish_direct(FollowedRequest& request);
  void settle_fetched(FollowedRequest& request);
  void settle(FollowedRequest& request, int code, std::string result, const std::string& trouble = {});

  std::vector<FollowedRequest>& m_requests;
  bool m_block;
  Report& m_report;
  Deliverer& m_deliverer;
  Records m_records;
  std::map<job::Id, FollowedRequest*> m_by_id;
};

}  // namespace concd::client
