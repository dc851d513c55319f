#include "control/sight.hpp"

#include <utility>

namespace concd::control {

job::View concealed(job::View job) {
  job.uid.reset();
  job.output.clear();
  job.wait.reset();
  job.failure.reset();
  // A name and where it comes from are in the catalog, for everybody to read.
  if (!job.name.empty()) return job;
  job.source.clear();
  job.url.clear();
  job.path.clear();
  job.digest.reset();
  // Equal requests share a transfer: its number would tell who else fetches what one guesses.
  job.transfer = 0;
  return job;
}

job::View as_seen_by(const job::Peer& peer, job::View job) {
  return may_see(peer, job) ? std::move(job) : concealed(std::move(job));
}

}  // namespace concd::control
