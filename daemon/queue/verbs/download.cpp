#include "queue/refuse.hpp"
#include "queue/service.hpp"

namespace concd::queue {

void Service::download(const job::Request& request, const job::Peer& peer, control::Reply<job::View> reply) {
  if (m.runner.is_stopping()) return reply(refuse(control::ShuttingDown{}));
  auto resolved = resolve(request, m_catalog, m_settings);
  if (!resolved)
    return m.admission.refuse_unless_known(request, peer, std::move(resolved.error()), std::move(reply));
  if (request.force || !m.recheck.is_needed(resolved->spec))
    return admit(request, peer, *resolved, std::move(reply));
  m.recheck.run(resolved->spec, [this, request, peer, found = *resolved, reply = std::move(reply)] {
    if (m.runner.is_stopping()) return reply(refuse(control::ShuttingDown{}));
    admit(request, peer, found, reply);
  });
}

void Service::admit(const job::Request& request, const job::Peer& peer, const Resolved& resolved,
                    control::Reply<job::View> reply) {
  job::Job job;
  job.peer = peer;
  job.priority = request.priority;
  job.force = request.force;
  job.token = request.token.value_or("");
  job.output = request.output.value_or("");
  if (auto refusal = m.admission.objection(peer.uid); refusal && !m.admission.is_fresh(job, resolved))
    return m.admission.refuse_unless_known(request, peer, std::move(*refusal), std::move(reply));
  m.admission.accept(std::move(job), resolved, std::move(reply));
}

}  // namespace concd::queue
