#include "control/handlers/answer.hpp"
#include "control/handlers/verbs.hpp"

namespace concd::control::handlers {

Handler monitor() {
  return [](const CallPtr& call) {
    with(call, protocol::decode_nothing(call->parameters()), [&] {
      if (!call->more()) return call->error(protocol::expected_more());
      call->watch_all([call](const JobChange& change) {
        call->reply_continues(protocol::encode_event(change.event, change.job), haste_of(change));
      });
    });
  };
}

}  // namespace concd::control::handlers
