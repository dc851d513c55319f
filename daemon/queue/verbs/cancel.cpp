#include "queue/service.hpp"
#include "sd/message_id.hpp"
#include "util/crash_point.hpp"

namespace concd::queue {

void Service::cancel(job::Id id, const job::Peer& peer, control::Reply<job::View> reply) {
  with_unfinished(id, peer, "Cancel", reply, [this, peer, reply](job::Job& job) {
    auto& record = m.transfers.of(job);
    job.finished = m.clock.realtime();
    m.transfers.set_standing(job, job::Standing::cancelled);
    journal::changed(sd::message_id::job_cancelled, "cancelled", peer, job, record.transfer, "is cancelled");
    // What it held of a full disk goes first: else this could not be written either.
    m.runner.unwanted(record);
    crash_point("cancel.left");
    reply_when_saved(job, JobEventKind::cancelled, reply);
    m.runner.pump();
  });
}

}  // namespace concd::queue
