#pragma once

#include <string>

#include "job/id.hpp"
#include "job/peer.hpp"
#include "job/priority.hpp"
#include "job/standing.hpp"
#include "util/clock.hpp"

namespace concd::job {

/// What a caller asked for and hears back; how it goes is its transfer's. A value: queue::Transfers owns the
/// live ones, the store has a copy. Times are CLOCK_REALTIME in µs since the epoch; 0 means "not yet".
struct Job {
  Id id = 0;
  Id transfer = 0;  ///< what is fetched for it
  Peer peer;
  Standing standing = Standing::active;
  Priority priority = Priority::normal;
  bool force = false;     ///< no freshness check, no revalidation
  bool released = false;  ///< the caller has its copy; the daemon's has been given up
  bool direct = false;    ///< it is fetched into a file of the caller's own, see Transfer::into
  std::string token;      ///< the caller's own key; empty: none
  std::string output;     ///< where the caller wants its copy; empty: nowhere
  Microseconds created{};
  Microseconds finished{};
};

}  // namespace concd::job
