#include "control/handlers/answer.hpp"

namespace concd::control::handlers {

void pause(Backend& backend, const CallPtr& call) {
  change(backend, call, &Backend::pause);
}

}  // namespace concd::control::handlers
