#pragma once

#include <memory>

#include <tl/expected.hpp>

#include "engine/origin.hpp"
#include "engine/settings.hpp"
#include "engine/validators.hpp"
#include "job/executor.hpp"
#include "lib/curl/multi.hpp"

namespace concd::engine {

/// The origin for the scheme of the task's URL; it begins now, µs of CLOCK_BOOTTIME. All references outlive
/// it. A failure where the configuration does not allow the URL, or it cannot name a file. Throws
/// curl::Error, std::bad_alloc.
[[nodiscard]] tl::expected<std::unique_ptr<Origin>, job::Failure> make_origin(const job::Task& task,
                                                                              const Settings& settings,
                                                                              const ResumePlan& plan,
                                                                              Microseconds now,
                                                                              curl::Multi& multi, Sink& sink);

}  // namespace concd::engine
