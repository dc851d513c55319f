#pragma once

#include <string>

#include "job/view.hpp"

namespace concd::client {

/// The state in the language of the person: "running".
[[nodiscard]] std::string state_text(job::State state);

/// A time span for a person that changes by whole seconds: "3s", "1min 5s"; tenths would only flicker.
[[nodiscard]] std::string seconds_text(std::chrono::seconds span);

/// The NAME or URL of the job, fit for a terminal.
[[nodiscard]] std::string source_text(const job::View& job);

/// Why the job failed, one sentence; empty when it has not.
[[nodiscard]] std::string failure_text(const job::View& job);

/// Why the job does not run, wait_text() or failure_text(); empty when there is nothing to tell. `now` is
/// CLOCK_REALTIME.
[[nodiscard]] std::string reason_text(const job::View& job, Microseconds now);

/// The state, and why it does not run: "waiting: connection refused; next try in 3s".
[[nodiscard]] std::string standing_text(const job::View& job, Microseconds now);

/// "45%"; empty when the size is not known.
[[nodiscard]] std::string percent_text(const job::Progress& progress);

/// "12.3 MiB/1.2 GiB", or what is here where the size is not known.
[[nodiscard]] std::string amount_text(const job::Progress& progress);

/// A time of day and date for a person, in its time zone; "-" for 0.
[[nodiscard]] std::string time_text(Microseconds time);

}  // namespace concd::client
