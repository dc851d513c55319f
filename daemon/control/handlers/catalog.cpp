#include "control/handlers/answer.hpp"

namespace concd::control::handlers {
namespace {

/// As many as fit into a frame, in the order given.
std::string first_that_fit(const std::vector<CatalogItem>& items) {
  std::vector<std::string> first;
  std::size_t size = 0;
  for (const auto& item : items) {
    auto text = protocol::serialise(protocol::encode_catalog_item(item));
    size += text.size() + 1;
    if (size > k_max_elements) break;
    first.push_back(std::move(text));
  }
  return list_of("entries", first);
}

}  // namespace

void catalog(Backend& backend, const CallPtr& call) {
  with(call, protocol::decode_catalog_query(call->parameters()),
       [&](const std::string& after) { call->reply_text(first_that_fit(backend.catalog(after))); });
}

}  // namespace concd::control::handlers
