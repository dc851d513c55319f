#include "control/handlers/answer.hpp"
#include "control/handlers/verbs.hpp"

namespace concd::control::handlers {

Handler pause(Backend& backend) {
  return [&backend](const CallPtr& call) {
    with_id(call,
            [&](job::Id id, Reply<job::Job> reply) { backend.pause(id, call->peer(), std::move(reply)); });
  };
}

}  // namespace concd::control::handlers
