#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "job/digest.hpp"
#include "job/executor_kind.hpp"
#include "job/priority.hpp"
#include "util/boxed.hpp"

namespace concd::job {

/// What a caller asks for, before the catalog has had its say.
struct Request {
  std::string source;                               ///< a URL ("://" in it) or a catalog NAME
  std::vector<std::string> mirrors;                 ///< other URLs of the same file; for URLs
  ExecutorKind executor = ExecutorKind::automatic;  ///< overrides the catalog entry's when not automatic
  std::optional<Digest> digest;                     ///< for URLs; a NAME's digest is the catalog's
  std::optional<std::string> output;                ///< absolute path where the caller wants its copy
  std::optional<std::uint64_t> file;                ///< index of the descriptor to fetch into
  std::optional<std::string> token;                 ///< the caller's own key: the same token is the same job
  Priority priority = Priority::normal;
  bool force = false;  ///< fetch a NAME anew even when it is present and fresh
};

/// What a transfer fetches; fixed when its first job is accepted.
struct Spec {
  std::string name;               ///< the catalog NAME; empty for a URL
  std::vector<std::string> urls;  ///< mirrors in order, at least one; may hold secrets
  Boxed<Digest> digest;
  std::optional<std::uint64_t> size;                ///< expected bytes
  ExecutorKind executor = ExecutorKind::automatic;  ///< the requested one; Running has what it became
  bool unpack = false;                              ///< extract the archive into the folder NAME

  /// As it was asked for; may hold secrets, never logged.
  [[nodiscard]] const std::string& source() const { return name.empty() ? urls.front() : name; }
};

}  // namespace concd::job
