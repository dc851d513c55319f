#include "control/handlers/answer.hpp"

namespace concd::control::handlers {

void attach(Backend& backend, const CallPtr& call) {
  with(call, protocol::decode_attachment(call->parameters()), [&](const protocol::Attachment& attachment) {
    auto file = call->take_descriptor(attachment.file);
    if (!file) return call->error(protocol::invalid_parameter("file"));
    backend.attach(attachment.id, std::move(file), call->peer(),
                   answer<job::View>(call, protocol::encode_job_reply));
  });
}

}  // namespace concd::control::handlers
