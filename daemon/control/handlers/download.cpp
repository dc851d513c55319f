#include "control/handlers/answer.hpp"
#include "control/handlers/verbs.hpp"

namespace concd::control::handlers {
namespace {

void follow(const CallPtr& call, const JobChange& change) {
  auto reply = protocol::encode_download_reply(change.job);
  if (job::is_final(change.job.state))
    call->reply(std::move(reply));
  else
    call->reply_continues(std::move(reply), haste_of(change));
}

void accepted(const CallPtr& call, const job::Job& job) {
  auto reply = protocol::encode_download_reply(job);
  if (!call->more() || job::is_final(job.state)) return call->reply(std::move(reply));
  call->watch_job(job.id, [call](const JobChange& change) { follow(call, change); });
  call->reply_continues(std::move(reply));
}

}  // namespace

Handler download(Backend& backend) {
  return [&backend](const CallPtr& call) {
    with(call, protocol::decode_request(call->parameters()), [&](const job::Request& request) {
      backend.download(request, call->peer(), [call](Answer<job::Job> answer) {
        if (!answer) return call->error(protocol::error_of(answer.error()));
        accepted(call, *answer);
      });
    });
  };
}

}  // namespace concd::control::handlers
