#include "control/handlers/answer.hpp"

namespace concd::control::handlers {

void monitor(Backend&, const CallPtr& call) {
  with(call, protocol::decode_nothing(call->parameters()), [&] {
    if (!call->more()) return call->error(protocol::expected_more());
    call->watch_all([call](const protocol::JobEvent& event) {
      call->reply_continues(protocol::encode_event(event), delivery_of(event));
    });
  });
}

}  // namespace concd::control::handlers
