#include "queue/refuse.hpp"
#include "queue/service.hpp"

namespace concd::queue {

void Service::attach(job::Id id, ReceivedFd file, const job::Peer& peer, control::Reply<job::View> reply) {
  auto usable = usable_file(m.files, std::move(file), peer);
  if (!usable) return reply(tl::unexpected(std::move(usable.error())));
  with_unfinished(id, peer, "Attach", reply, [this, file = std::move(*usable), reply](const job::Job& job) {
    auto& record = m.transfers.of(job);
    const auto& into = record.transfer.into;
    const bool is_missed = into.job == job.id && !m.files.find(into) && !record.live;
    if (is_missed && file && m.files.hold_again(record.transfer, file) &&
        job::is<job::Waiting>(record.transfer.phase))
      m.runner.hurry(record);
    reply(m.views.of(job, record));
    m.runner.pump();
  });
}

}  // namespace concd::queue
