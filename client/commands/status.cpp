#include "client/commands/calls.hpp"
#include "client/output/language.hpp"
#include "client/output/printable.hpp"
#include "client/output/report.hpp"
#include "client/output/table.hpp"
#include "protocol/codec.hpp"
#include "util/units.hpp"

namespace concd::client {
namespace {

std::string protection_text(const protocol::Protection& protection) {
  if (protection.landlock == 0 && !protection.seccomp) return _("not confined");
  if (protection.landlock == 0) return _("confined by seccomp alone");
  if (!protection.seccomp) return _("confined by Landlock alone");
  return _("confined by Landlock and seccomp");
}

void print_status(const protocol::Status& status) {
  const auto lines = pair_lines({
      {_("Version"), printable(status.version)},
      {_("Process"), fmt::format("{}", status.pid)},
      {_("Up for"), format_duration(status.uptime)},
      {_("Running"), fmt::format("{}", status.active)},
      {_("Queued"), fmt::format("{}", status.queued)},
      {_("Waiting"), fmt::format("{}", status.waiting)},
      {_("Paused"), fmt::format("{}", status.paused)},
      {_("Done since the start"), fmt::format("{}", status.done)},
      {_("Failed since the start"), fmt::format("{}", status.failed)},
      {_("Rate"), format_size(status.rate) + "/s"},
      {_("Free space"), format_size(status.free)},
      {_("Worker processes"), protection_text(status.protection)},
  });
  for (const auto& line : lines) print_line(line);
}

}  // namespace

int status(const Context& context) {
  return ask_and(context, "Status", nlohmann::json::object(), [&](const nlohmann::json& reply) {
    const auto status = protocol::decode_status(reply);
    if (!status) throw BadReply(status.error());
    if (context.arguments.json) return print_json(reply);
    print_status(*status);
  });
}

}  // namespace concd::client
