#include "queue/service.hpp"
#include "util/url.hpp"

namespace concd::queue {

std::vector<control::CatalogItem> Service::catalog(const std::string& after) {
  std::vector<control::CatalogItem> items;
  const auto& entries = m_catalog.entries();
  for (auto next = entries.upper_bound(after); next != entries.end(); ++next) {
    const auto& [name, entry] = *next;
    control::CatalogItem item{name,       entry.description, {},           entry.digest,
                              entry.size, entry.executor,    entry.unpack, ""};
    for (const auto& url : entry.urls) item.urls.push_back(redact_url(url));
    item.path = m.artifacts.path_of(name, entry.unpack);
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace concd::queue
