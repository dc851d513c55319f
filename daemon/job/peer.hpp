#pragma once

#include <sys/types.h>

namespace concd::job {

/// Who asked: SO_PEERCRED of the connection, read at accept, unix(7).
struct Peer {
  uid_t uid = 0;
  gid_t gid = 0;
  pid_t pid = 0;
};

}  // namespace concd::job
