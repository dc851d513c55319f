#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "job/executor_kind.hpp"
#include "job/wait_cause.hpp"
#include "util/boxed.hpp"
#include "util/clock.hpp"

namespace concd::job {

/// It may run as soon as there is a place; the scheduler knows which place it waits for.
struct Queued {};

/// An executor has it and has not reported its end.
struct Running {
  ExecutorKind executor = ExecutorKind::thread;  ///< thread or process
  bool confirmed = false;                        ///< the executor has said who carries it out
};

/// Something must pass before it is queued again.
struct Waiting {
  Boxed<WaitCause> cause = WaitCause();  ///< always there; on the heap, because few of many transfers wait
  Microseconds until{};                  ///< CLOCK_REALTIME in µs; 0: whenever the cause ends

  bool operator==(const Waiting&) const = default;
};

/// Everybody who wants it has paused.
struct Paused {};

/// The bytes are here: they are verified, unpacked and put in place.
struct Publishing {};

/// How a transfer ended.
enum class End { done, failed, cancelled };

/// It goes on never again. Nobody is told before the end is on disk.
struct Ended {
  End end = End::done;
  bool recorded = false;  ///< the end is on disk
};

/// Where a transfer stands. Changed by queue::Transfers only.
using Phase = std::variant<Queued, Running, Waiting, Paused, Publishing, Ended>;

/// The one table of allowed moves.
[[nodiscard]] bool may_move(const Phase& from, const Phase& to);

/// "queued", "running", "waiting", "paused", "publishing"; of an end "done", "failed", "cancelled".
[[nodiscard]] std::string_view to_string(const Phase& phase);
[[nodiscard]] std::string_view to_string(End end);
/// A phase of that name, without its figures.
[[nodiscard]] std::optional<Phase> phase_from_string(std::string_view text);

template <typename T>
[[nodiscard]] bool is(const Phase& phase) {
  return std::holds_alternative<T>(phase);
}

}  // namespace concd::job
