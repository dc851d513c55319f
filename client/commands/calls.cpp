#include "client/commands/calls.hpp"

#include "client/connection.hpp"
#include "client/exit_code.hpp"
#include "client/follow/request.hpp"
#include "client/output/job_text.hpp"
#include "client/output/language.hpp"
#include "client/output/printable.hpp"
#include "client/output/report.hpp"
#include "client/refusal.hpp"
#include "protocol/codec.hpp"

namespace concd::client {
namespace {

/// Asks. A daemon that restarts may have taken the connection and gone before it read the call: the next one,
/// for which the socket of systemd waits, is asked once more.
CallResult ask(const Context& context, Connection& connection, std::string_view method,
               const nlohmann::json& parameters) {
  try {
    return connection.ask(method, parameters);
  } catch (const ConnectionLost&) {
    connection = Connection::open(context.arguments.socket);
    return connection.ask(method, parameters);
  }
}

}  // namespace

void complain(const Context& context, const std::string& text) {
  context.console.say("concctl: " + text);
}

int complain_of_place(const Context& context, const std::string& what) {
  complain(context, phrase(_("cannot write there: {0}"), printable(what)));
  return exit_code::k_file;
}

int ask_and(const Context& context, std::string_view method, const nlohmann::json& parameters,
            const std::function<void(const nlohmann::json&)>& use) {
  auto connection = Connection::open(context.arguments.socket);
  const auto reply = ask(context, connection, method, parameters);
  if (!reply) {
    complain(context, describe(reply.error()));
    return exit_code::of(reply.error());
  }
  use(*reply);
  return exit_code::k_complete;
}

int for_each_job(const Context& context, std::string_view method, const EncodeCall& encode,
                 const UseJob& use) {
  auto connection = Connection::open(context.arguments.socket);
  int code = exit_code::k_complete;
  for (const auto id : context.arguments.ids) {
    const auto reply = ask(context, connection, method, encode(id));
    if (!reply) {
      complain(context, describe(reply.error()));
      if (code == exit_code::k_complete) code = exit_code::of(reply.error());
      continue;
    }
    const auto job = protocol::decode_job_reply(*reply);
    if (!job) {
      complain(context, phrase(_("job {0}: {1}"), id, BadReply(job.error()).what()));
      if (code == exit_code::k_complete) code = exit_code::k_other;
      continue;
    }
    use(*job, reply->at("job"));
  }
  return code;
}

int change_each_job(const Context& context, std::string_view method,
                    const std::function<void(const job::View&)>& changed) {
  return for_each_job(context, method, protocol::encode_id,
                      [&](const job::View& job, const nlohmann::json& raw) {
                        if (changed) changed(job);
                        tell_change(context, job, raw, state_text(job.state));
                      });
}

void tell_change(const Context& context, const job::View& job, const nlohmann::json& raw,
                 const std::string& standing) {
  if (context.arguments.json) return print_json(raw);
  if (context.arguments.quiet) return;
  FollowedRequest request;
  request.id = job.id;
  request.job = job;
  complain(context, phrase(_("job {0} ({1}): {2}"), job.id, label_of(request), standing));
}

}  // namespace concd::client
