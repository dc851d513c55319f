#include "control/handlers/answer.hpp"

namespace concd::control::handlers {

void monitor(Backend&, const CallPtr& call) {
  with(call, protocol::decode_nothing(call->parameters()), [&] {
    if (!call->more()) return call->error(protocol::expected_more());
    call->watch_all([call](const News& news) {
      call->reply_continues(fmt::format(R"({{"event":"{}","job":{}}})", job::to_string(news.event().kind),
                                        news.text_for(call->peer())),
                            delivery_of(news));
    });
  });
}

}  // namespace concd::control::handlers
