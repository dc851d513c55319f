#include <algorithm>
#include <functional>
#include <iterator>

#include "client/commands/calls.hpp"
#include "client/exit_code.hpp"
#include "client/output/language.hpp"
#include "client/output/printable.hpp"
#include "client/output/report.hpp"
#include "client/output/table.hpp"
#include "protocol/codec.hpp"
#include "util/units.hpp"

namespace concd::client {
namespace {

/// Replies at most: a catalog is made by hand, and the listing of a daemon gone wild has to end.
constexpr std::size_t k_max_pages = 1000;

bool are_in_order(const std::vector<protocol::CatalogItem>& page, const std::string& after) {
  const auto disorder =
      std::ranges::adjacent_find(page, std::ranges::greater_equal(), &protocol::CatalogItem::name);
  return disorder == page.end() && (page.empty() || page.front().name > after);
}

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
  std::size_t pages = 0;
  while (more) {
    const auto use = [&](const nlohmann::json& reply) {
      auto page = protocol::decode_catalog(reply);
      if (!page) throw BadReply(page.error());
      if (++pages > k_max_pages || !are_in_order(*page, after)) throw BadReply();
      more = !page->empty();
      if (more) after = page->back().name;
      std::ranges::move(*page, std::back_inserter(items));
      if (context.arguments.json)
        for (const auto& raw : reply.at("entries")) print_json(raw);
    };
    const auto code = ask_and(context, "Catalog", protocol::encode_catalog_query(after), use);
    if (code != exit_code::k_complete) return code;
  }
  if (!context.arguments.json) print_table(items);
  return exit_code::k_complete;
}

}  // namespace concd::client
