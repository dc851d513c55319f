#pragma once

#include <string>

#include "job/phase.hpp"

namespace concd::client {

/// Why a job waits and when it goes on, in the language of the person: the one place that makes a sentence of
/// a wait cause. `now` is CLOCK_REALTIME; a time that has passed counts as now.
[[nodiscard]] std::string wait_text(const job::Waiting& wait, Microseconds now);

/// Whether both say the same but for figures that move: a person need not be told again.
[[nodiscard]] bool is_same_cause(const job::WaitCause& left, const job::WaitCause& right);

}  // namespace concd::client
