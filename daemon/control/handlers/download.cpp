#include "control/handlers/answer.hpp"

namespace concd::control::handlers {
namespace {

void follow(const CallPtr& call, const protocol::JobEvent& event) {
  auto reply = protocol::encode_download_reply(event.job);
  if (job::is_final(event.job.state))
    call->reply(std::move(reply));
  else
    call->reply_continues(std::move(reply), delivery_of(event));
}

void accepted(const CallPtr& call, const job::View& job) {
  auto reply = protocol::encode_download_reply(job);
  if (!call->more() || job::is_final(job.state)) return call->reply(std::move(reply));
  call->watch_job(job.id, [call](const protocol::JobEvent& event) { follow(call, event); });
  call->reply_continues(std::move(reply));
}

}  // namespace

void download(Backend& backend, const CallPtr& call) {
  with(call, protocol::decode_request(call->parameters()), [&](const job::Request& request) {
    backend.download(request, call->peer(), [call](const Answer<job::View>& answer) {
      if (!answer) return call->error(protocol::error_of(answer.error()));
      accepted(call, *answer);
    });
  });
}

}  // namespace concd::control::handlers
