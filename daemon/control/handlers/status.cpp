#include <unistd.h>

#include "control/handlers/answer.hpp"
#include "control/handlers/verbs.hpp"

namespace concd::control::handlers {

Handler status(Backend& backend) {
  return [&backend](const CallPtr& call) {
    with(call, protocol::decode_nothing(call->parameters()), [&] {
      auto status = backend.status();
      status.version = call->methods().info().version;
      status.pid = ::getpid();
      call->reply(protocol::encode_status(status));
    });
  };
}

}  // namespace concd::control::handlers
