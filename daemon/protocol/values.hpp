#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "job/digest.hpp"
#include "job/event.hpp"
#include "job/executor_kind.hpp"
#include "job/id.hpp"
#include "job/priority.hpp"
#include "job/view.hpp"
#include "util/clock.hpp"

namespace concd::protocol {

/// What List is asked for. The default is all that is unfinished.
struct ListQuery {
  bool finished = false;
  std::size_t limit = 1000;  ///< 1 to k_max_listed
  std::optional<job::Id> before;
};

/// What Priority is asked for.
struct PriorityRequest {
  job::Id id = 0;
  job::Priority priority = job::Priority::normal;
};

/// What Attach is asked for.
struct Attachment {
  job::Id id = 0;
  std::uint64_t file = 0;  ///< index into the descriptors that come with the call
};

/// What confines the worker processes.
struct Protection {
  std::uint32_t landlock = 0;  ///< the version of its ABI; 0: none
  bool seccomp = false;
};

/// The reply of Status.
struct Status {
  Microseconds uptime{};
  std::size_t active = 0, queued = 0, waiting = 0, paused = 0;  ///< jobs now
  std::uint64_t done = 0, failed = 0;                           ///< jobs since the start
  std::uint64_t rate = 0;                                       ///< bytes/s, all transfers
  std::uint64_t free = 0;                                       ///< bytes free in the state folder
  std::string version;                                          ///< the handler of Status fills it in
  pid_t pid = 0;                                                ///< the handler of Status fills it in
  Protection protection;
};

/// An entry of the catalog as callers see it.
struct CatalogItem {
  std::string name, description;
  std::vector<std::string> urls;  ///< redacted
  std::optional<job::Digest> digest;
  std::optional<std::uint64_t> size;  ///< bytes
  job::ExecutorKind executor = job::ExecutorKind::automatic;
  bool unpack = false;
  std::string path;  ///< of the published file; empty when there is none
};

/// A reply of Monitor.
struct JobEvent {
  job::JobEventKind kind = job::JobEventKind::accepted;
  job::View job;
};

/// The reply of OpenResult, but for the descriptor itself.
struct ResultDescription {
  std::size_t fd = 0;  ///< index into the descriptors that come with the reply
  std::string name;
  std::uint64_t size = 0;  ///< bytes
  Microseconds mtime{};    ///< 0: not told
};

}  // namespace concd::protocol
