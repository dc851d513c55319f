#include "control/handlers/answer.hpp"

namespace concd::control::handlers {

void get(Backend& backend, const CallPtr& call) {
  with_id(call, [&](job::Id id, Reply<job::View> reply) { backend.get(id, std::move(reply)); });
}

}  // namespace concd::control::handlers
