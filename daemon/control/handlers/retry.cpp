#include "control/handlers/answer.hpp"

namespace concd::control::handlers {

void retry(Backend& backend, const CallPtr& call) {
  change(backend, call, &Backend::retry);
}

}  // namespace concd::control::handlers
