#include <algorithm>

#include "control/handlers/answer.hpp"

namespace concd::control::handlers {
namespace {

/// The newest of the jobs, as many as fit into a frame, in order of their ids.
nlohmann::json newest_that_fit(const std::vector<job::View>& jobs) {
  std::vector<nlohmann::json> newest;
  std::size_t size = 0;
  for (auto job = jobs.rbegin(); job != jobs.rend(); ++job) {
    auto object = protocol::encode_job(*job);
    size += protocol::serialise(object).size() + 1;
    if (size > k_max_elements) break;
    newest.push_back(std::move(object));
  }
  std::ranges::reverse(newest);
  return {{"jobs", std::move(newest)}};
}

}  // namespace

void list(Backend& backend, const CallPtr& call) {
  with(call, protocol::decode_list_query(call->parameters()), [&](const ListQuery& query) {
    backend.list(query, answer<std::vector<job::View>>(call, newest_that_fit));
  });
}

}  // namespace concd::control::handlers
