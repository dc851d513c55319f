#include "control/handlers/answer.hpp"

namespace concd::control::handlers {

void cancel(Backend& backend, const CallPtr& call) {
  with_id(call,
          [&](job::Id id, Reply<job::View> reply) { backend.cancel(id, call->peer(), std::move(reply)); });
}

}  // namespace concd::control::handlers
