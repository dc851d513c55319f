#include "control/handlers/answer.hpp"
#include "control/handlers/verbs.hpp"

namespace concd::control::handlers {

Handler get(Backend& backend) {
  return [&backend](const CallPtr& call) {
    with_id(call, [&](job::Id id, Reply<job::Job> reply) { backend.get(id, std::move(reply)); });
  };
}

}  // namespace concd::control::handlers
