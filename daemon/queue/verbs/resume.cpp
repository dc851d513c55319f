#include "queue/refuse.hpp"
#include "queue/service.hpp"
#include "sd/message_id.hpp"

namespace concd::queue {

void Service::resume(job::Id id, const job::Peer& peer, control::Reply<job::View> reply) {
  with_unfinished(id, peer, "Resume", reply, [this, id, peer, reply](job::Job& paused) {
    if (paused.standing != job::Standing::paused)
      return reply(
          refuse(control::WrongState{id, state_of(paused, m.transfers.of(paused).transfer.phase), "Resume"}));
    m.transfers.set_standing(paused, job::Standing::active);
    if (m.transfers.of(paused).has_ended()) m.admission.rejoin(paused);
    const auto& job = *m.transfers.find_job(id);
    auto& record = m.transfers.of(job);
    journal::changed(sd::message_id::job_resumed, "resumed", peer, job, record.transfer, "goes on");
    m.runner.wanted(record);
    reply_when_saved(job, JobEventKind::resumed, reply);
    m.runner.pump();
  });
}

}  // namespace concd::queue
