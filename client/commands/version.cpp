#include "client/commands/calls.hpp"
#include "client/output/printable.hpp"
#include "client/output/report.hpp"
#include "protocol/codec.hpp"

namespace concd::client {

int version(const Context& context) {
  // The client's own comes first: it is known even when no daemon is there.
  if (!context.arguments.json) print_line("concctl " CONCD_VERSION);
  return ask_and(context, "Status", nlohmann::json::object(), [&](const nlohmann::json& reply) {
    const auto status = protocol::decode_status(reply);
    if (!status) throw BadReply(status.error());
    if (context.arguments.json)
      print_json({{"concctl", CONCD_VERSION}, {"concd", status->version}});
    else
      print_line("concd " + printable(status->version));
  });
}

}  // namespace concd::client
