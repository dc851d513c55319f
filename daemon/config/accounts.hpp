#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace concd::config {

/// Whom the NAME of [user."NAME"] means: a user, or with an @ before it the members of a group, as the
/// machine knows them now. Nothing where it knows no such user or group. Main thread: it asks NSS.
[[nodiscard]] std::optional<std::vector<uid_t>> accounts_of(const std::string& name);

}  // namespace concd::config
