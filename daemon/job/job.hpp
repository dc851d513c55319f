#pragma once

#include <optional>
#include <string>

#include "job/executor_kind.hpp"
#include "job/failure.hpp"
#include "job/id.hpp"
#include "job/peer.hpp"
#include "job/spec.hpp"
#include "job/state.hpp"
#include "job/transfer_state.hpp"
#include "util/clock.hpp"

namespace concd::job {

/// A job as the queue knows it. A value: the main thread's table and the store each have their own copy.
/// Times are CLOCK_REALTIME in µs since the epoch; 0 means "not yet".
struct Job {
  Id id = 0;
  Id transfer = 0;  ///< the job whose transfer serves this one; its own id if none
  Spec spec;
  Peer peer;
  std::string token;  ///< the caller's own key; empty: none
  State state = State::queued;
  ExecutorKind executor = ExecutorKind::automatic;  ///< thread or process once it has run
  Microseconds created{};
  Microseconds started{};  ///< first attempt
  Microseconds finished{};
  std::uint32_t attempts = 0;      ///< started attempts
  std::uint32_t tries = 0;         ///< failed ones in a row without progress
  std::uint32_t mirror = 0;        ///< index into spec.urls of the next attempt
  Microseconds stalled{};          ///< how long no byte has arrived though it was tried; a span
  bool contacted = false;          ///< an origin has answered at least once
  Microseconds next_try{};         ///< when a waiting job goes on
  std::string reason;              ///< why it waits, one sentence; empty otherwise
  std::optional<Failure> failure;  ///< the last one; final when state is failed
  Checkpoint checkpoint;           ///< of the partial file
  Progress progress;               ///< live; only `received` and `total` are stored, at the end
  std::string path;                ///< published file; empty until done, and after a release
  bool released = false;           ///< the caller has its copy; the daemon's has been given up
  Microseconds mtime{};            ///< the server's time of the file; 0: not told
};

}  // namespace concd::job
