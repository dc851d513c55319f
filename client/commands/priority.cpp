#include "client/commands/calls.hpp"
#include "client/output/job_text.hpp"
#include "client/output/language.hpp"
#include "protocol/codec.hpp"

namespace concd::client {

int priority(const Context& context) {
  const auto encode = [&](job::Id id) {
    return protocol::encode_priority_request({id, context.arguments.priority});
  };
  return for_each_job(context, "Priority", encode, [&](const job::View& job, const nlohmann::json& raw) {
    tell_change(context, job, raw,
                phrase(_("{0}, priority {1}"), state_text(job.state), job::to_string(job.priority)));
  });
}

}  // namespace concd::client
