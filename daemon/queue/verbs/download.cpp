#include "queue/refuse.hpp"
#include "queue/service.hpp"

namespace concd::queue {

void Service::download(const job::Request& request, ReceivedFd file, const job::Peer& peer,
                       control::Reply<job::View> reply) {
  if (m.runner.is_stopping()) return reply(refuse(control::ShuttingDown{}));
  auto usable = usable_file(m.files, std::move(file), peer);
  if (!usable) return reply(tl::unexpected(std::move(usable.error())));
  auto resolved = resolve(request, m_catalog, m_settings);
  if (!resolved)
    return m.admission.refuse_unless_known(request, peer, std::move(resolved.error()), std::move(reply));
  if (request.force || !m.recheck.is_needed(resolved->spec))
    return admit(request, peer, *resolved, std::move(*usable), std::move(reply));
  m.recheck.run(resolved->spec, [this, request, peer, found = *resolved, reply = std::move(reply)] {
    if (m.runner.is_stopping()) return reply(refuse(control::ShuttingDown{}));
    // Only what has a name is looked at again, and that is not fetched into a caller's file.
    admit(request, peer, found, nullptr, reply);
  });
}

void Service::admit(const job::Request& request, const job::Peer& peer, const Resolved& resolved,
                    job::SharedFd file, control::Reply<job::View> reply) {
  job::Job job;
  job.peer = peer;
  job.priority = request.priority;
  job.force = request.force;
  job.token = request.token.value_or("");
  job.output = request.output.value_or("");
  if (auto refusal = m.admission.objection(peer.uid); refusal && !m.admission.is_fresh(job, resolved))
    return m.admission.refuse_unless_known(request, peer, std::move(*refusal), std::move(reply));
  m.admission.accept(std::move(job), resolved, std::move(file), std::move(reply));
}

}  // namespace concd::queue
