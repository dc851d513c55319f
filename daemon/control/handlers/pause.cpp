#include "control/handlers/answer.hpp"

namespace concd::control::handlers {

void pause(Backend& backend, const CallPtr& call) {
  with_id(call,
          [&](job::Id id, Reply<job::View> reply) { backend.pause(id, call->peer(), std::move(reply)); });
}

}  // namespace concd::control::handlers
