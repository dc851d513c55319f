#include "control/handlers/answer.hpp"

namespace concd::control::handlers {

void cancel(Backend& backend, const CallPtr& call) {
  change(backend, call, &Backend::cancel);
}

}  // namespace concd::control::handlers
