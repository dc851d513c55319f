#pragma once

#include <map>

#include <sys/types.h>

namespace concd {

/// A limit of each user: what everybody has, and those who have one of their own.
template <typename T>
struct PerUser {
  T everybody;
  std::map<uid_t, T> own{};

  // NOLINTNEXTLINE(google-explicit-constructor): a default is written as the value that everybody has.
  PerUser(T of_everybody) : everybody(of_everybody) {}

  [[nodiscard]] T of(uid_t uid) const {
    const auto found = own.find(uid);
    return found == own.end() ? everybody : found->second;
  }
  bool operator==(const PerUser&) const = default;
};

}  // namespace concd
