#include <algorithm>
#include <iterator>

#include "client/commands/calls.hpp"
#include "client/exit_code.hpp"
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
  const std::vector<TableColumn> columns{
      {_("NAME")}, {_("SIZE"), true}, {_("EXECUTOR")}, {_("FILE")}, {_("DESCRIPTION")}};
  for (const auto& line : table_lines(columns, rows)) print_line(line);
}

}  // namespace

int catalog(const Context& context) {
  std::vector<protocol::CatalogItem> items;
  std::string after;
  bool more = true;
  while (more) {
    const auto use = [&](const nlohmann::json& reply) {
      auto page = protocol::decode_catalog(reply);
      if (!page) throw BadReply(page.error());
      if (!page->empty() && page->front().name <= after) throw BadReply();
      more = !page->empty();
      if (more) after = page->back().name;
      std::ranges::move(*page, std::back_inserter(items));
      if (context.arguments.json)
        for (const auto& raw : reply.at("entries")) print_line(protocol::serialise(raw));
    };
    const auto code = ask_and(context, "Catalog", protocol::encode_catalog_query(after), use);
    if (code != exit_code::k_complete) return code;
  }
  if (!context.arguments.json) print_table(items);
  return exit_code::k_complete;
}

}  // namespace concd::client
