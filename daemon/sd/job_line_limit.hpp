#pragma once

#include <spdlog/sinks/sink.h>

#include "util/clock.hpp"
#include "util/token_bucket.hpp"

namespace concd::sd {

/// Entries about jobs of one user that are written: of information, and as many again of warnings and errors,
/// so that those are not lost among the others.
inline constexpr TokenRate k_job_lines{.burst = 400, .per_second = 2};

/// A sink before `target` that leaves out what goes beyond that, so that nobody can fill the journal by jobs
/// of his own, and says of each user how much that was, at most once a second. Entries of no job and those of
/// root's jobs (CONCD_JOB_ID and CONCD_UID, concd(8)) all pass. Used from any thread; borrows the clock.
[[nodiscard]] spdlog::sink_ptr limit_job_lines(spdlog::sink_ptr target, const Clock& clock);

}  // namespace concd::sd
