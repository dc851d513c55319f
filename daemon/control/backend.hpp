#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "job/job.hpp"
#include "util/unique_fd.hpp"

namespace concd::control {

// The expected refusals; each becomes the error of the same name in io.concd.varlink.
struct UnknownName {
  std::string name;
  std::optional<std::string> nearest;
};
struct InvalidSource {
  std::string source;  ///< redacted
  std::string reason;
};
struct NoSuchJob {
  job::Id id;
};
struct NotPermitted {
  std::string reason;
};
struct QueueFull {
  std::size_t limit;
};
struct WrongState {
  job::Id id;
  job::State state;
  std::string verb;
};
struct NoResult {
  job::Id id;
  std::string reason;
};
struct ShuttingDown {};
struct StoreFailed {
  std::string reason;
};
using Refusal = std::variant<UnknownName, InvalidSource, NoSuchJob, NotPermitted, QueueFull, WrongState,
                             NoResult, ShuttingDown, StoreFailed>;

template <typename T>
using Answer = tl::expected<T, Refusal>;
/// Called exactly once, on the main thread, at once or later.
template <typename T>
using Reply = std::function<void(Answer<T>)>;

struct Status {
  Microseconds uptime{};
  std::size_t active = 0, queued = 0, waiting = 0, paused = 0;  ///< jobs now
  std::uint64_t done = 0, failed = 0;                           ///< jobs since the start
  std::uint64_t rate = 0;                                       ///< bytes/s, all transfers
  std::uint64_t free = 0;                                       ///< bytes free in the state folder
};

/// An entry of the catalog as callers see it.
struct CatalogItem {
  std::string name, description;
  std::vector<std::string> urls;  ///< redacted
  std::optional<job::Digest> digest;
  std::optional<std::uint64_t> size;
  job::ExecutorKind executor = job::ExecutorKind::automatic;
  bool unpack = false;
  std::string path;  ///< of the published file; empty when there is none
};

struct ListQuery {
  bool finished = false;
  std::size_t limit = 1000;
  std::optional<job::Id> before;
};

/// A finished file, open for reading only.
struct Result {
  UniqueFd fd;
  std::string name;
  std::uint64_t size = 0;
  Microseconds mtime{};
};

/// What the handlers ask of the rest of the daemon. The instance implements it; all on the main thread.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual void download(const job::Request& request, const job::Peer& peer, Reply<job::Job> reply) = 0;
  virtual void get(job::Id id, Reply<job::Job> reply) = 0;
  virtual void list(const ListQuery& query, Reply<std::vector<job::Job>> reply) = 0;
  virtual void cancel(job::Id id, const job::Peer& peer, Reply<job::Job> reply) = 0;
  virtual void pause(job::Id id, const job::Peer& peer, Reply<job::Job> reply) = 0;
  virtual void resume(job::Id id, const job::Peer& peer, Reply<job::Job> reply) = 0;
  virtual void retry(job::Id id, const job::Peer& peer, Reply<job::Job> reply) = 0;
  virtual void release(job::Id id, const job::Peer& peer, Reply<job::Job> reply) = 0;
  virtual void open_result(job::Id id, const job::Peer& peer, Reply<std::shared_ptr<Result>> reply) = 0;
  virtual Status status() = 0;
  virtual std::vector<CatalogItem> catalog() = 0;
};

}  // namespace concd::control
