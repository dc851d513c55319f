#include "control/handlers/answer.hpp"

namespace concd::control::handlers {

void priority(Backend& backend, const CallPtr& call) {
  with(call, protocol::decode_priority_request(call->parameters()),
       [&](const protocol::PriorityRequest& request) {
         manage<job::View>(
             call,
             [&backend, request](const job::Peer& peer, Reply<job::View> reply) {
               backend.priority(request.id, request.priority, peer, std::move(reply));
             },
             answer<job::View>(call, protocol::encode_job_reply));
       });
}

}  // namespace concd::control::handlers
