#include "control/handlers/answer.hpp"

namespace concd::control::handlers {

void release(Backend& backend, const CallPtr& call) {
  with_id(call,
          [&](job::Id id, Reply<job::View> reply) { backend.release(id, call->peer(), std::move(reply)); });
}

}  // namespace concd::control::handlers
