#include "job/peer.hpp"

#include <unistd.h>

namespace concd::job {

bool Peer::may_manage(uid_t owner) const {
  return is_admin || uid == 0 || uid == ::geteuid() || uid == owner;
}

}  // namespace concd::job
