#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "job/checkpoint.hpp"
#include "job/digest.hpp"
#include "job/failure.hpp"
#include "job/id.hpp"
#include "job/progress.hpp"
#include "util/clock.hpp"
#include "util/unique_fd.hpp"

namespace concd::job {

/// An open file that several hold: who started a task, who writes, who publishes.
using SharedFd = std::shared_ptr<const UniqueFd>;

/// Another URL of the same file.
struct Mirror {
  std::string url;          ///< holds secrets
  bool met_public = false;  ///< as Task::met_public

  bool operator==(const Mirror&) const = default;
};

/// A mirror that an attempt gave up, and went on without.
struct DroppedMirror {
  std::size_t index = 0;  ///< into Task::mirrors
  std::string reason;     ///< one sentence for a person; holds no secret

  bool operator==(const DroppedMirror&) const = default;
};

/// One attempt, with all that an executor needs to make it. Holds secrets in `url`.
struct Task {
  Id id = 0;        ///< the transfer's id
  std::string url;  ///< this attempt's
  std::optional<Digest> digest;
  std::optional<std::uint64_t> size;  ///< expected bytes
  Checkpoint checkpoint;              ///< what an earlier attempt left in `kept`
  Validators published;               ///< of the file that is published now; not empty: revalidate
  bool met_public = false;            ///< an earlier attempt at this URL was answered from the internet
  std::vector<Mirror> mirrors;        ///< where parts of it may come from as well
  SharedFd kept;   ///< the partial file number checkpoint.part, read-write; null: nothing is kept
  SharedFd fresh;  ///< an empty file, read-write, for a start from 0
  std::uint32_t fresh_part = 0;  ///< its number, for the checkpoints of what is written to it
};

/// Who carries an attempt out, for the journal: a thread of the pool or a child process.
struct Execution {
  std::string thread_id;  ///< e.g. "transfer-0"; empty for a process
  pid_t worker_pid = 0;   ///< 0 for a thread
};

/// How an attempt ended.
struct Outcome {
  enum class Kind {
    delivered,  ///< all bytes are in the partial file checkpoint.part: neither verified nor synced
    unchanged,  ///< the origin confirmed that the published file is still right (304)
    failed,     ///< see `failure`
    stopped,    ///< stop() was asked for; `checkpoint` says what is kept
  };
  Kind kind = Kind::failed;
  std::optional<Failure> failure;
  /// Of what is kept of the partial file, synced. When delivered: where the bytes are and what they came
  /// with; the extents are what was synced before.
  Checkpoint checkpoint;
  Validators validators;      ///< of the delivered version
  std::uint64_t size = 0;     ///< bytes of the whole file, when delivered
  std::uint64_t fetched = 0;  ///< bytes that came over the wire in this attempt
  std::string digest;  ///< in hex, of the expected algorithm, where the executor's own thread made it as the
                       ///< bytes came; empty: to be read from the file
  Microseconds mtime{};     ///< the server's time of the file, µs since the epoch; 0: not told
  bool contacted = false;   ///< an origin answered
  bool met_public = false;  ///< the host of the URL was on the internet
  bool restarted = false;   ///< what was kept could not be continued; the bytes are in the fresh file
  bool validated = true;    ///< no bytes were joined on trust in the expected digest alone
  std::vector<DroppedMirror> dropped;
};

/// What an executor reports. All calls come on the main thread.
class ExecutorEvents {
 public:
  virtual ~ExecutorEvents() = default;
  virtual void on_started(Id id, const Execution& execution) = 0;
  virtual void on_progress(Id id, const Progress& progress) = 0;
  /// Data up to the checkpoint is synced; it may be stored now.
  virtual void on_checkpoint(Id id, const Checkpoint& checkpoint) = 0;
  /// Exactly once for each started task; nothing follows for the id.
  virtual void on_finished(Id id, const Outcome& outcome) = 0;
};

/// What carries attempts out: a pool of threads is one, child processes are another. Neither publishes. Used
/// on the main thread.
class Executor {
 public:
  virtual ~Executor() = default;
  /// Begins an attempt. Never fails by itself: what goes wrong comes as an outcome, not before it returns.
  virtual void start(Task task) = 0;
  /// Asks for an early end: sync what is here, report `stopped`, unless the end was already on its way, which
  /// is then reported as what it is.
  virtual void stop(Id id) = 0;
};

/// Extracts archives in child processes that have descriptors only and no network. Used on the main thread.
class Unpacker {
 public:
  /// Nothing: what the archive holds is in the folder. Not before start() returns, and once.
  using Done = std::function<void(std::optional<Failure> failure)>;

  virtual ~Unpacker() = default;
  /// `archive` is read from 0; `folder` is an empty folder, opened with O_DIRECTORY.
  virtual void start(Id id, SharedFd archive, SharedFd folder, Done done) = 0;
  /// Kills the child: what is in the folder is worth nothing. Its failure is reported.
  virtual void stop(Id id) = 0;
};

}  // namespace concd::job
