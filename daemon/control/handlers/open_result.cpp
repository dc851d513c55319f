#include "control/handlers/answer.hpp"

namespace concd::control::handlers {
namespace {

void hand_out(const CallPtr& call, ResultFile& result) {
  std::vector<UniqueFd> descriptors;
  descriptors.push_back(std::move(result.fd));
  call->reply(protocol::encode_result({0, result.name, result.size, result.mtime}), std::move(descriptors));
}

}  // namespace

void open_result(Backend& backend, const CallPtr& call) {
  with(call, protocol::decode_id(call->parameters()), [&](job::Id id) {
    using Result = std::shared_ptr<ResultFile>;
    manage<Result>(
        call,
        [&backend, id](const job::Peer& peer, Reply<Result> reply) {
          backend.open_result(id, peer, std::move(reply));
        },
        [call](const Answer<Result>& answer) {
          if (!answer) return call->error(protocol::error_of(answer.error()));
          hand_out(call, **answer);
        });
  });
}

}  // namespace concd::control::handlers
