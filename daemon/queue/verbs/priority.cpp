#include <spdlog/fmt/fmt.h>

#include "queue/service.hpp"
#include "sd/message_id.hpp"

namespace concd::queue {

void Service::priority(job::Id id, job::Priority priority, const job::Peer& peer,
                       control::Reply<job::View> reply) {
  with_unfinished(id, peer, "Priority", reply, [this, priority, peer, reply](job::Job& job) {
    auto& record = m.transfers.of(job);
    job.priority = priority;
    journal::changed(sd::message_id::job_priority, "priority", peer, job, record.transfer,
                     fmt::format("has the priority {}", job::to_string(priority)));
    m.runner.reprioritize(record);
    reply_when_saved(job, JobEventKind::priority, reply);
  });
}

}  // namespace concd::queue
