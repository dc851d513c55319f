#include "control/handlers/answer.hpp"

namespace concd::control::handlers {

void get(Backend& backend, const CallPtr& call) {
  with(call, protocol::decode_id(call->parameters()), [&](job::Id id) {
    backend.get(id, [call](const Answer<job::View>& job) {
      if (!job) return call->error(protocol::error_of(job.error()));
      with_sight(call, *job, [call, job = *job] {
        call->reply(protocol::encode_job_reply(as_seen_by(call->peer(), job)));
      });
    });
  });
}

}  // namespace concd::control::handlers
