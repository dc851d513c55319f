#include "control/handlers/answer.hpp"
#include "control/handlers/verbs.hpp"

namespace concd::control::handlers {

Handler catalog(Backend& backend) {
  return [&backend](const CallPtr& call) {
    with(call, protocol::decode_nothing(call->parameters()),
         [&] { call->reply(protocol::encode_catalog(backend.catalog())); });
  };
}

}  // namespace concd::control::handlers
