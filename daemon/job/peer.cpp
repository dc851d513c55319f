#include "job/peer.hpp"

#include <unistd.h>

namespace concd::job {

bool Peer::manages_all() const {
  return reach == Reach::manages_all || uid == 0 || uid == ::geteuid();
}

}  // namespace concd::job
