#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "job/digest.hpp"
#include "job/failure.hpp"
#include "job/id.hpp"
#include "job/transfer_state.hpp"
#include "util/clock.hpp"

namespace concd::job {

/// One attempt, with all that an executor needs to make it. Holds secrets in `url`.
struct Task {
  Id id = 0;        ///< the transfer's id
  std::string url;  ///< this attempt's
  std::optional<Digest> digest;
  std::optional<std::uint64_t> size;  ///< expected bytes
  Checkpoint checkpoint;              ///< what an earlier attempt left; durable 0: nothing
  Validators published;               ///< of the file that is published now; not empty: revalidate
  bool unpack = false;
  std::filesystem::path partial;      ///< where bytes are gathered: STATE/partial/ID.part, see part_path()
  std::filesystem::path destination;  ///< where the whole file goes, on the same file system
  unsigned mode = 0644;               ///< of the published file
};

/// Who carries an attempt out, for the journal: a thread of the pool or a child process.
struct Execution {
  std::string thread_id;  ///< e.g. "transfer-0"; empty for a process
  pid_t worker_pid = 0;   ///< 0 for a thread
};

/// How an attempt ended.
struct Outcome {
  enum class Kind {
    published,  ///< verified, synced and renamed to Task::destination, the folder synced
    unchanged,  ///< the origin confirmed that the published file is still right (304)
    failed,     ///< see `failure`
    stopped,    ///< stop() was asked for; `checkpoint` says what is kept
  };
  Kind kind = Kind::failed;
  std::optional<Failure> failure;
  Checkpoint checkpoint;      ///< of what is kept of the partial file; durable 0: nothing
  Validators validators;      ///< of the published version
  std::uint64_t size = 0;     ///< bytes of the whole file, when published
  std::uint64_t fetched = 0;  ///< bytes that came over the wire in this attempt
  Microseconds mtime{};       ///< the server's time of the file, µs since the epoch; 0: not told
  bool contacted = false;     ///< an origin answered
  bool restarted = false;     ///< a partial was thrown away since it could not be validated
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

/// The seam of the lesson: a pool of threads and child processes both are one. Used on the main thread.
class Executor {
 public:
  virtual ~Executor() = default;
  /// Begins an attempt. Never fails by itself: what goes wrong comes as an outcome.
  virtual void start(Task task) = 0;
  /// Asks for an early end: sync what is here, keep the partial, report `stopped`, unless the end was already
  /// on its way, which is then reported as what it is.
  virtual void stop(Id id) = 0;
};

}  // namespace concd::job
