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

}  // namespace

void list(Backend& backend, const CallPtr& call) {
  with(call, protocol::decode_list_query(call->parameters()), [&](const ListQuery& query) {
    backend.list(query, [call](const Answer<std::vector<job::View>>& jobs) {
      if (!jobs) return call->error(protocol::error_of(jobs.error()));
      call->reply_text(newest_that_fit(*jobs, call->peer()));
    });
  });
}

}  // namespace concd::control::handlers
