#include "control/handlers/answer.hpp"

namespace concd::control::handlers {
namespace {

std::string reply_of(const CallPtr& call, const News& news) {
  return fmt::format(R"({{"id":{},"job":{}}})", news.job().id, news.text_for(call->peer()));
}

void follow(const CallPtr& call, const News& news) {
  if (job::is_final(news.job().state))
    call->reply_text(reply_of(call, news));
  else
    call->reply_continues(reply_of(call, news), delivery_of(news));
}

void accepted(const CallPtr& call, const job::View& job) {
  auto reply = protocol::encode_download_reply(job);
  if (!call->more() || job::is_final(job.state)) return call->reply(std::move(reply));
  call->watch_job(job.id, [call](const News& news) { follow(call, news); });
  call->reply_continues(protocol::serialise(reply));
}

NotPermitted not_a_member() {
  return {
      "you are no member of the group that may submit jobs, daemon.socket_group, and polkit does not let "
      "you"};
}

void submit(Backend& backend, const CallPtr& call) {
  with(call, protocol::decode_request(call->parameters()), [&](const job::Request& request) {
    auto file = request.file ? call->take_descriptor(*request.file) : ReceivedFd();
    if (request.file && !file) return call->error(protocol::invalid_parameter("file"));
    backend.download(request, std::move(file), call->peer(), [call](const Answer<job::View>& answer) {
      if (!answer) return call->error(protocol::error_of(answer.error()));
      accepted(call, *answer);
    });
  });
}

}  // namespace

void download(Backend& backend, const CallPtr& call) {
  if (!call->may_submit()) return;
  if (call->peer().is_member) return submit(backend, call);
  call->ask(Action::download, [&backend, call](bool granted) {
    if (!granted) return call->error(protocol::error_of(not_a_member()));
    submit(backend, call);
  });
}

}  // namespace concd::control::handlers
