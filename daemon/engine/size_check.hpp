#pragma once

#include <cstdint>
#include <optional>

#include "engine/settings.hpp"
#include "job/executor.hpp"
#include "job/failure.hpp"

namespace concd::engine {

/// Why a file of `size` bytes or more is not wanted: larger than the settings allow, or than the task
/// expects.
[[nodiscard]] std::optional<job::Failure> refuse_size(const job::Task& task, const Settings& settings,
                                                      std::uint64_t size);

/// Why the `written` bytes that an origin has ended with are not the whole file: fewer than the announced
/// `total`, or not as many as the task expects.
[[nodiscard]] std::optional<job::Failure> refuse_end(const job::Task& task,
                                                     const std::optional<std::uint64_t>& total,
                                                     std::uint64_t written);

}  // namespace concd::engine
