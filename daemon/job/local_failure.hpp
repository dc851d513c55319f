#pragma once

#include <exception>
#include <string>

#include "job/failure.hpp"

namespace concd::job {

/// The class of a failed system call on a local file; `what` names the operation and the file. errno(3).
[[nodiscard]] Failure failure_of_errno(int error, const std::string& what);

/// The class of anything else that was thrown: std::system_error by its errno, std::bad_alloc as a local
/// resource.
[[nodiscard]] Failure failure_of(const std::exception& error);

}  // namespace concd::job
