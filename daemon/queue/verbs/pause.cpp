#include "queue/refuse.hpp"
#include "queue/service.hpp"
#include "sd/message_id.hpp"

namespace concd::queue {

void Service::pause(job::Id id, const job::Peer& peer, control::Reply<job::View> reply) {
  with_unfinished(id, peer, "Pause", reply, [this, peer, reply](job::Job& job) {
    if (job.standing == job::Standing::paused)
      return reply(refuse(control::WrongState{job.id, job::State::paused, "Pause"}));
    auto& record = m.transfers.of(job);
    m.transfers.set_standing(job, job::Standing::paused);
    journal::changed(sd::message_id::job_paused, "paused", peer, job, record.transfer, "is paused");
    m.runner.unwanted(record);
    reply_when_saved(job, JobEventKind::paused, reply);
    m.runner.pump();
  });
}

}  // namespace concd::queue
