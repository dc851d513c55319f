#include "control/handlers/answer.hpp"
#include "control/handlers/verbs.hpp"

namespace concd::control::handlers {

Handler resume(Backend& backend) {
  return [&backend](const CallPtr& call) {
    with_id(call,
            [&](job::Id id, Reply<job::Job> reply) { backend.resume(id, call->peer(), std::move(reply)); });
  };
}

}  // namespace concd::control::handlers
