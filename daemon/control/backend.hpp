#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "job/peer.hpp"
#include "job/spec.hpp"
#include "job/view.hpp"
#include "protocol/refusal.hpp"
#include "protocol/values.hpp"
#include "util/received_fd.hpp"
#include "util/unique_fd.hpp"

namespace concd::control {

// What the wire knows too; each refusal becomes the error of the same name in io.concd.varlink.
using protocol::CatalogItem;
using protocol::InvalidFile;
using protocol::InvalidSource;
using protocol::LimitReached;
using protocol::ListQuery;
using protocol::NoResult;
using protocol::NoSuchJob;
using protocol::NotPermitted;
using protocol::Protection;
using protocol::QueueFull;
using protocol::Refusal;
using protocol::ShuttingDown;
using protocol::Status;
using protocol::StoreFailed;
using protocol::UnknownName;
using protocol::WrongState;

template <typename T>
using Answer = tl::expected<T, Refusal>;
/// Called exactly once, on the main thread, at once or later.
template <typename T>
using Reply = std::function<void(const Answer<T>&)>;

/// A finished file, open for reading only.
struct ResultFile {
  UniqueFd fd;
  std::string name;
  std::uint64_t size = 0;
  Microseconds mtime{};
};

/// What the handlers ask of the rest of the daemon. The instance implements it; all on the main thread.
class Backend {
 public:
  virtual ~Backend() = default;
  /// `file`: the caller's own, to fetch into; empty: there is none.
  virtual void download(const job::Request& request, ReceivedFd file, const job::Peer& peer,
                        Reply<job::View> reply) = 0;
  /// The caller brings the file back that a job is fetched into.
  virtual void attach(job::Id id, ReceivedFd file, const job::Peer& peer, Reply<job::View> reply) = 0;
  virtual void get(job::Id id, Reply<job::View> reply) = 0;
  virtual void list(const ListQuery& query, Reply<std::vector<job::View>> reply) = 0;
  virtual void cancel(job::Id id, const job::Peer& peer, Reply<job::View> reply) = 0;
  virtual void pause(job::Id id, const job::Peer& peer, Reply<job::View> reply) = 0;
  virtual void resume(job::Id id, const job::Peer& peer, Reply<job::View> reply) = 0;
  virtual void retry(job::Id id, const job::Peer& peer, Reply<job::View> reply) = 0;
  virtual void priority(job::Id id, job::Priority priority, const job::Peer& peer,
                        Reply<job::View> reply) = 0;
  virtual void release(job::Id id, const job::Peer& peer, Reply<job::View> reply) = 0;
  virtual void open_result(job::Id id, const job::Peer& peer, Reply<std::shared_ptr<ResultFile>> reply) = 0;
  virtual Status status() = 0;
  /// In order of the names, those after `after`.
  virtual std::vector<CatalogItem> catalog(const std::string& after) = 0;
};

}  // namespace concd::control
