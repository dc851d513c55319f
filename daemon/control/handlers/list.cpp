#include <algorithm>

#include "control/handlers/answer.hpp"

namespace concd::control::handlers {
namespace {

/// The newest of the jobs, as many as fit into a frame, in order of their ids.
std::string newest_that_fit(const std::vector<job::View>& jobs, const job::Peer& peer) {
  std::vector<std::string> newest;
  std::size_t size = 0;
  for (auto job = jobs.rbegin(); job != jobs.rend(); ++job) {
    auto text = protocol::serialise(protocol::encode_job(as_seen_by(peer, *job)));
    size += text.size() + 1;
    if (size > k_max_elements) break;
    newest.push_back(std::move(text));
  }
  std::ranges::reverse(newest);
  return list_of("jobs", newest);
}

/// Or no more than is known already.
bool sees_all_of(const job::Peer& peer, const std::vector<job::View>& jobs) {
  if (peer.reach != job::Reach::unasked) return true;
  return std::ranges::all_of(jobs, [&](const auto& job) { return may_see(peer, job); });
}

void reply_with(const CallPtr& call, const std::vector<job::View>& jobs) {
  call->reply_text(newest_that_fit(jobs, call->peer()));
}

}  // namespace

void list(Backend& backend, const CallPtr& call) {
  with(call, protocol::decode_list_query(call->parameters()), [&](const ListQuery& query) {
    backend.list(query, [call](const Answer<std::vector<job::View>>& jobs) {
      if (!jobs) return call->error(protocol::error_of(jobs.error()));
      if (sees_all_of(call->peer(), *jobs)) return reply_with(call, *jobs);
      call->learn_sight([call, jobs = *jobs] { reply_with(call, jobs); });
    });
  });
}

}  // namespace concd::control::handlers
