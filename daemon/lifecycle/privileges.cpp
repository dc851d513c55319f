#include "lifecycle/privileges.hpp"

#include <stdexcept>

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "util/errno_error.hpp"

namespace concd::lifecycle {

User find_user(const std::string& name) {
  const auto* entry = ::getpwnam(name.c_str());
  if (entry == nullptr)
    throw std::runtime_error("there is no user \"" + name +
                             "\" (daemon.user); make it with: useradd --system " + name);
  if (entry->pw_uid == 0)
    throw std::runtime_error("concd does not run as root; name another user in daemon.user");
  return {name, entry->pw_uid, entry->pw_gid};
}

gid_t find_group(const std::string& name) {
  const auto group = group_if_any(name);
  if (!group)
    throw std::runtime_error("there is no group \"" + name +
                             "\" (daemon.socket_group); make it with: groupadd --system " + name);
  return *group;
}

std::optional<gid_t> group_if_any(const std::string& name) {
  const auto* entry = ::getgrnam(name.c_str());
  if (entry == nullptr) return std::nullopt;
  return entry->gr_gid;
}

void become(const User& user) {
  check_errno(::initgroups(user.name.c_str(), user.gid), "initgroups " + user.name);
  check_errno(::setresgid(user.gid, user.gid, user.gid), "setresgid");
  check_errno(::setresuid(user.uid, user.uid, user.uid), "setresuid");
  check_errno(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl PR_SET_NO_NEW_PRIVS");
}

}  // namespace concd::lifecycle
