#include "config/accounts.hpp"

#include <grp.h>
#include <pwd.h>

namespace concd::config {
namespace {

std::optional<uid_t> uid_of(const char* name) {
  const auto* const user = ::getpwnam(name);  // NOLINT(concurrency-mt-unsafe): before or on the main thread
  if (user == nullptr) return std::nullopt;
  return user->pw_uid;
}

/// Those who have it as their first group, which the group's own list need not name.
void add_primary_members(gid_t group, std::vector<uid_t>& members) {
  ::setpwent();
  // NOLINTNEXTLINE(concurrency-mt-unsafe): before or on the main thread
  while (const auto* const user = ::getpwent())
    if (user->pw_gid == group) members.push_back(user->pw_uid);
  ::endpwent();
}

std::optional<std::vector<uid_t>> members_of(const char* name) {
  const auto* const group = ::getgrnam(name);  // NOLINT(concurrency-mt-unsafe): before or on the main thread
  if (group == nullptr) return std::nullopt;
  std::vector<uid_t> members;
  for (auto** member = group->gr_mem; *member != nullptr; ++member)
    if (const auto uid = uid_of(*member)) members.push_back(*uid);
  add_primary_members(group->gr_gid, members);
  return members;
}

}  // namespace

std::optional<std::vector<uid_t>> accounts_of(const std::string& name) {
  if (name.starts_with('@')) return members_of(name.c_str() + 1);
  const auto uid = uid_of(name.c_str());
  if (!uid) return std::nullopt;
  return std::vector<uid_t>{*uid};
}

}  // namespace concd::config
