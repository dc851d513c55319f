#include "control/handlers/answer.hpp"

namespace concd::control::handlers {
namespace {

void tell(const CallPtr& call, const News& news) {
  call->reply_continues(fmt::format(R"({{"event":"{}","job":{}}})", job::to_string(news.event().kind),
                                    news.text_for(call->peer())),
                        delivery_of(news));
}

}  // namespace

void monitor(Backend&, const CallPtr& call) {
  with(call, protocol::decode_nothing(call->parameters()), [&] {
    if (!call->more()) return call->error(protocol::expected_more());
    call->watch_all([call](const News& news) { tell(call, news); });
    call->learn_sight([] {});
  });
}

}  // namespace concd::control::handlers
