#pragma once

#include <cstdint>
#include <optional>

#include "job/callers_file.hpp"
#include "job/checkpoint.hpp"
#include "job/failure.hpp"
#include "job/id.hpp"
#include "job/phase.hpp"
#include "job/spec.hpp"
#include "util/boxed.hpp"
#include "util/clock.hpp"

namespace concd::job {

/// What has been tried, for the retry policy. Spans do not count time in which nobody wanted the transfer.
struct History {
  Microseconds started{};        ///< realtime of the first attempt; 0: not yet
  std::uint32_t attempts = 0;    ///< started ones
  std::uint32_t tries = 0;       ///< failed ones in a row without progress
  std::uint32_t waits = 0;       ///< ended ones in a row that led to a wait, without progress
  bool contacted = false;        ///< an origin has answered at least once
  std::uint64_t met_public = 0;  ///< bit N: the host of URL N was on the internet; of 63 URLs
  std::uint64_t furthest = 0;    ///< most bytes of the file that were ever here: the measure of progress
  Microseconds stalled{};        ///< span in which no byte has arrived though it was tried
  Microseconds tried_for{};      ///< span of attempts and the waits after them, while the machine was online
};

/// What is fetched once for all the jobs that want it (promise 4). A value: queue::Transfers owns the live
/// one, the store has a copy.
struct Transfer {
  Id id = 0;  ///< its own number, not a job's: from 1, rising, never used again
  Spec spec;
  std::uint32_t mirror = 0;  ///< index into spec.urls of this or the next attempt
  CallersFile into;          ///< what is fetched into; none: partial files of the state folder
  Checkpoint checkpoint;
  History history;
  Boxed<Failure> failure;  ///< the last one; final when it ended as failed
  Phase phase;
  std::uint64_t size = 0;  ///< bytes of the published file, once done
  Microseconds mtime{};    ///< the server's time of the file, µs since the epoch; 0: not told

  [[nodiscard]] const std::string& url() const { return spec.urls.at(mirror); }
};

}  // namespace concd::job
