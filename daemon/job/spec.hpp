#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "job/digest.hpp"
#include "job/executor_kind.hpp"
#include "util/clock.hpp"

namespace concd::job {

/// What a caller asks for, before the catalog has had its say.
struct Request {
  std::string source;                               ///< a URL ("://" in it) or a catalog NAME
  ExecutorKind executor = ExecutorKind::automatic;  ///< overrides the catalog entry's when not automatic
  std::optional<Digest> digest;                     ///< for URLs; a NAME's digest is the catalog's
  std::optional<std::string> output;                ///< absolute path where the caller wants its copy
  std::optional<std::string> token;                 ///< the caller's own key: the same token is the same job
  bool force = false;                               ///< fetch a NAME anew even when it is present and fresh
};

/// What a job is to do; fixed when the job is accepted.
struct Spec {
  std::string source;             ///< as asked for; may hold secrets, never logged
  std::string name;               ///< the catalog NAME; empty for a URL
  std::vector<std::string> urls;  ///< mirrors in order, at least one; may hold secrets
  std::optional<Digest> digest;
  std::optional<std::uint64_t> size;                ///< expected bytes
  ExecutorKind executor = ExecutorKind::automatic;  ///< the wish; Job::executor has what it became
  bool unpack = false;                              ///< extract the archive into the folder NAME
  std::optional<Microseconds> fresh_for;            ///< a published NAME younger than this is done at once
  std::string output;                               ///< where the caller wants its copy; empty: nowhere
  bool force = false;                               ///< no freshness check, no revalidation
};

}  // namespace concd::job
