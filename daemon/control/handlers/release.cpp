#include "control/handlers/answer.hpp"

namespace concd::control::handlers {

void release(Backend& backend, const CallPtr& call) {
  change(backend, call, &Backend::release);
}

}  // namespace concd::control::handlers
