#include "control/handlers/answer.hpp"

namespace concd::control::handlers {

void resume(Backend& backend, const CallPtr& call) {
  change(backend, call, &Backend::resume);
}

}  // namespace concd::control::handlers
