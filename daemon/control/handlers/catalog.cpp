#include "control/handlers/answer.hpp"

namespace concd::control::handlers {
namespace {

/// As many as fit into a frame, in the order given.
nlohmann::json first_that_fit(const std::vector<CatalogItem>& items) {
  auto reply = protocol::encode_catalog(items);
  auto& entries = reply["entries"];
  std::size_t size = 0;
  auto end = entries.begin();
  while (end != entries.end() && (size += protocol::serialise(*end).size() + 1) <= k_max_elements) ++end;
  entries.erase(end, entries.end());
  return reply;
}

}  // namespace

void catalog(Backend& backend, const CallPtr& call) {
  with(call, protocol::decode_catalog_query(call->parameters()),
       [&](const std::string& after) { call->reply(first_that_fit(backend.catalog(after))); });
}

}  // namespace concd::control::handlers
