#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "job/digest.hpp"
#include "job/executor_kind.hpp"
#include "job/failure.hpp"
#include "job/id.hpp"
#include "job/peer.hpp"
#include "job/phase.hpp"
#include "job/priority.hpp"
#include "job/progress.hpp"
#include "job/state.hpp"
#include "util/clock.hpp"

namespace concd::job {

/// A job as its caller sees it: its own facts and those of its transfer, at one moment. What every verb and
/// event tells; made by queue::view_of() alone. Times are CLOCK_REALTIME in µs since the epoch; 0: not yet.
struct View {
  Id id = 0;
  Id transfer = 0;
  /// As asked for; may hold secrets, which the wire leaves out. Empty: the caller may not know, nor the url.
  std::string source;
  std::string name;  ///< the catalog NAME; empty for a URL
  std::string url;   ///< of this or the next attempt; may hold secrets, which the wire leaves out
  State state = State::queued;
  ExecutorKind executor =
      ExecutorKind::automatic;  ///< thread or process while it runs, else the requested one
  Priority priority = Priority::normal;
  std::optional<uid_t> uid;  ///< nothing: the caller may not know
  Microseconds created{};
  Microseconds started{};
  Microseconds finished{};
  std::uint32_t attempts = 0;
  Progress progress;
  std::optional<Waiting> wait;     ///< why it does not run: set when queued or waiting
  std::optional<Failure> failure;  ///< the last one; final when state is failed
  std::string path;                ///< the published file; empty until done, and after a release
  std::string output;              ///< where the caller wants its copy; empty: nowhere
  std::optional<Digest> digest;
  Microseconds mtime{};
  bool released = false;
  bool direct = false;  ///< the file is, or becomes, the one that the caller handed over
};

}  // namespace concd::job
