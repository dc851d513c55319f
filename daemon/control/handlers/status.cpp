#include <unistd.h>

#include "control/handlers/answer.hpp"

namespace concd::control::handlers {

void status(Backend& backend, const CallPtr& call) {
  with(call, protocol::decode_nothing(call->parameters()), [&] {
    auto status = backend.status();
    status.version = call->methods().info().version;
    status.pid = ::getpid();
    call->reply(protocol::encode_status(status));
  });
}

}  // namespace concd::control::handlers
