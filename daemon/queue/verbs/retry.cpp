#include "queue/refuse.hpp"
#include "queue/service.hpp"

namespace concd::queue {

void Service::retry(job::Id id, const job::Peer& peer, control::Reply<job::View> reply) {
  with_owned(id, peer, "Retry", reply, [this, peer, reply](store::StoredJob stored) {
    const auto standing = stored.job.standing;
    if (standing == job::Standing::failed || standing == job::Standing::cancelled) {
      if (auto refusal = m.admission.objection(stored.job.peer.uid))
        return reply(tl::unexpected(std::move(*refusal)));
      return m.admission.readmit(std::move(stored), peer, reply);
    }
    // Not by what was read: it may have gone on meanwhile.
    const auto* const job = m.transfers.find_job(stored.job.id);
    if (job == nullptr || standing != job::Standing::active ||
        !job::is<job::Waiting>(m.transfers.of(*job).transfer.phase))
      return reply(refuse(wrong_state(stored, "Retry")));
    m.runner.hurry(m.transfers.of(*job));
    reply(view_of(stored));
    m.runner.pump();
  });
}

}  // namespace concd::queue
