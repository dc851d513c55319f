#include "control/handlers/answer.hpp"

namespace concd::control::handlers {

void priority(Backend& backend, const CallPtr& call) {
  with(call, protocol::decode_priority_request(call->parameters()),
       [&](const protocol::PriorityRequest& request) {
         backend.priority(request.id, request.priority, call->peer(),
                          answer<job::View>(call, protocol::encode_job_reply));
       });
}

}  // namespace concd::control::handlers
