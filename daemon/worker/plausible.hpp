#pragma once

#include <optional>
#include <string>

#include "job/executor.hpp"

/// What a worker says is held against what the daemon knows by itself: the task and, by fstat(2) of its own
/// copies of the descriptors, the files. Main thread; the files are local.
namespace concd::worker {

/// What is wrong with a report, as in "named the partial file 7, which it was not given"; nothing: it may be
/// true.
[[nodiscard]] std::optional<std::string> offence_of(const job::Checkpoint& reported, const job::Task& task);
[[nodiscard]] std::optional<std::string> offence_of(const job::Outcome& reported, const job::Task& task);

/// Why a delivered outcome cannot be true: its file is not one of the task's, or has another size. The
/// content is for publish/ to verify.
[[nodiscard]] std::optional<job::Failure> mismatch(const job::Outcome& delivered, const job::Task& task);

}  // namespace concd::worker
