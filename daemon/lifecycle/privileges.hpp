#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

namespace concd::lifecycle {

struct User {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
};

/// Looks a user up. Throws std::runtime_error that says how to make it when there is none, and for root.
[[nodiscard]] User find_user(const std::string& name);

/// Looks a group up; throws std::runtime_error when there is none.
[[nodiscard]] gid_t find_group(const std::string& name);

/// The same; nothing when there is none.
[[nodiscard]] std::optional<gid_t> group_if_any(const std::string& name);

/// Becomes `user` for good, with its supplementary groups, initgroups(3), setresuid(2). Throws
/// std::system_error.
void become(const User& user);

}  // namespace concd::lifecycle
