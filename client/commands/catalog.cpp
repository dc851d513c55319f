#include "client/commands/commands.hpp"
#include "client/output/language.hpp"
#include "client/output/printable.hpp"
#include "client/output/report.hpp"
#include "client/output/table.hpp"
#include "protocol/codec.hpp"
#include "protocol/message.hpp"
#include "util/units.hpp"

namespace concd::client {
namespace {

void print_table(const std::vector<protocol::CatalogItem>& items) {
  std::vector<std::vector<std::string>> rows;
  rows.reserve(items.size());
  for (const auto& item : items)
    rows.push_back({printable(item.name), item.size ? format_size(*item.size) : "",
                    std::string(job::to_string(item.executor)), printable(item.path),
                    printable(item.description)});
  const std::vector<Column> columns{
      {_("NAME")}, {_("SIZE"), true}, {_("EXECUTOR")}, {_("FILE")}, {_("DESCRIPTION")}};
  for (const auto& line : table_lines(columns, rows)) print_line(line);
}

}  // namespace

int catalog(const Context& context) {
  return ask_and(context, "Catalog", nlohmann::json::object(), [&](const nlohmann::json& reply) {
    const auto items = protocol::decode_catalog(reply);
    if (!items) throw BadReply();
    if (!context.arguments.json) return print_table(*items);
    for (const auto& raw : reply.at("entries")) print_line(protocol::serialise(raw));
  });
}

}  // namespace concd::client
