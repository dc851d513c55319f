#pragma once

#include <exception>

#include "job/failure.hpp"

namespace concd::worker {

/// A child that could not be started, by what Supervisor's constructor threw: final where the program is
/// missing or the order does not fit into a frame, else this machine's.
[[nodiscard]] job::Failure start_failure(const std::exception& error);

/// Of an unpacking that nobody wants any more.
[[nodiscard]] job::Failure unpacking_stopped();

}  // namespace concd::worker
