#include "client/follow/wait_calls.hpp"

#include <utility>

#include "protocol/codec.hpp"

namespace concd::client {

void WaitCalls::wait_for(std::vector<FollowedRequest>& requests) {
  std::vector<FollowedRequest*> batch;
  for (auto& request : requests) {
    if (request.stage != Stage::opened) continue;
    batch.push_back(&request);
    if (batch.size() == k_batch) wait_for_batch(std::exchange(batch, {}));
  }
  if (!batch.empty()) wait_for_batch(std::move(batch));
}

void WaitCalls::add_inputs(std::vector<pollfd>& inputs) const {
  for (const auto& batch : m_batches) inputs.push_back({batch.connection.fd(), batch.connection.events(), 0});
}

void WaitCalls::turn() {
  for (auto& batch : m_batches) batch.connection.turn();
  std::erase_if(m_batches, [](const Batch& batch) { return batch.over; });
}

void WaitCalls::wait_for_batch(std::vector<FollowedRequest*> requests) {
  std::vector<job::Id> ids;
  ids.reserve(requests.size());
  for (const auto* request : requests) ids.push_back(request->id);
  m_batches.push_back({Connection::open(m_socket), std::move(requests)});
  auto& batch = m_batches.back();
  for (auto* request : batch.requests) request->stage = Stage::awaited;
  batch.connection.call(
      "Wait", protocol::encode_ids(ids),
      [this, &batch](const CallResult& reply, bool more) { on_reply(batch, reply, more); }, true);
}

void WaitCalls::on_reply(Batch& batch, const CallResult& reply, bool more) {
  batch.over = !more;
  if (batch.over)
    for (auto* request : batch.requests)
      if (request->stage == Stage::awaited) request->stage = Stage::opened;
  if (!reply) {
    for (auto* request : batch.requests)
      if (request->is_pending()) m_on_refused(*request, reply.error());
    return;
  }
  const auto jobs = reply->find("jobs");
  if (jobs == reply->end() || !jobs->is_array()) throw BadReply();
  for (const auto& raw : *jobs) m_on_job(raw);
}

}  // namespace concd::client
