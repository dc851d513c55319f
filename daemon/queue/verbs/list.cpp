#include <algorithm>

#include "queue/refuse.hpp"
#include "queue/service.hpp"

namespace concd::queue {

void Service::list(const control::ListQuery& query, control::Reply<std::vector<job::View>> reply) {
  std::vector<job::View> views;
  if (!query.finished) {
    const auto& jobs = m.transfers.jobs();
    const auto end = query.before ? jobs.lower_bound(*query.before) : jobs.end();
    for (auto position = end; position != jobs.begin() && views.size() < query.limit;) {
      const auto& job = (--position)->second;
      views.push_back(m.views.of(job, m.transfers.of(job)));
    }
    std::ranges::reverse(views);
    return reply(std::move(views));
  }
  m.ledger.flush();
  m.storage.newest_jobs(query.before, query.limit, [this, reply = std::move(reply)](const auto& stored) {
    if (!stored) return reply(refuse(store_failed(stored.error())));
    std::vector<job::View> all;
    for (const auto& job : *stored) all.push_back(view_of(job));
    reply(std::move(all));
  });
}

}  // namespace concd::queue
