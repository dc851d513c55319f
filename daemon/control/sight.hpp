#pragma once

#include "job/peer.hpp"
#include "job/view.hpp"

namespace concd::control {

/// The job as the peer may see it: what tells who fetches what from where is left out of the jobs of others.
[[nodiscard]] job::View as_seen_by(const job::Peer& peer, job::View job);

/// The job as everybody may see it.
[[nodiscard]] job::View concealed(job::View job);
[[nodiscard]] inline bool may_see(const job::Peer& peer, const job::View& job) {
  return job.uid && peer.may_see(*job.uid);
}

}  // namespace concd::control
