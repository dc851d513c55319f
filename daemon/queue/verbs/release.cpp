#include "queue/refuse.hpp"
#include "queue/service.hpp"
#include "util/crash_point.hpp"

namespace concd::queue {

void Service::release(job::Id id, const job::Peer& peer, control::Reply<job::View> reply) {
  with_owned(id, peer, "Release", reply, [this, reply](store::StoredJob stored) {
    if (stored.job.standing != job::Standing::done) return reply(refuse(wrong_state(stored, "Release")));
    if (!stored.transfer.spec.name.empty() || stored.job.released) return reply(view_of(stored));
    stored.job.released = true;
    Change change;
    change.jobs.push_back(stored.job);
    m.ledger.commit(std::move(change), [this, stored, reply](const std::exception_ptr& error, const auto&) {
      if (error) return reply(refuse(store_failed(error)));
      crash_point("release.stored");
      m.retention.give_up(stored.transfer.id, [this, stored, reply] { reply(view_of(stored)); });
    });
  });
}

}  // namespace concd::queue
