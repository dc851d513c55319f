#pragma once

#include <cstdint>
#include <memory>

#include <sys/types.h>

#include "util/process_origin.hpp"

namespace concd::job {

/// Whose jobs a caller reaches besides his own.
enum class Reach : std::uint8_t {
  unasked,  ///< nobody's; polkit may say more
  own,      ///< nobody's
  sees_all,
  manages_all,
};

/// Who asked: SO_PEERCRED of the connection, read at accept, unix(7).
struct Peer {
  uid_t uid = 0;
  gid_t gid = 0;
  pid_t pid = 0;
  Reach reach = Reach::own;
  /// Where the process belongs, looked up once for all that it asks for; null: not known.
  std::shared_ptr<const ProcessOrigin> origin{};
  bool is_member = true;  ///< of those who may submit jobs

  /// Root, admins and the daemon's own user.
  [[nodiscard]] bool manages_all() const;
  /// A job belongs to who asked for it. Who manages a job sees it, too.
  [[nodiscard]] bool may_manage(uid_t owner) const { return manages_all() || uid == owner; }
  [[nodiscard]] bool may_see(uid_t owner) const { return reach == Reach::sees_all || may_manage(owner); }
};

}  // namespace concd::job
