#pragma once

#include <memory>

#include <sys/types.h>

#include "util/process_origin.hpp"

namespace concd::job {

/// Who asked: SO_PEERCRED of the connection, read at accept, unix(7).
struct Peer {
  uid_t uid = 0;
  gid_t gid = 0;
  pid_t pid = 0;
  bool is_admin = false;  ///< by its groups
  /// Where the process belongs, looked up once for all that it asks for; null: not known.
  std::shared_ptr<const ProcessOrigin> origin{};

  /// A job belongs to who asked for it. Root, admins and the daemon's own user manage, and see, all.
  [[nodiscard]] bool may_manage(uid_t owner) const;
};

}  // namespace concd::job
