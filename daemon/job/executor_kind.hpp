#pragma once

#include <optional>
#include <string_view>

namespace concd::job {

/// Who carries a job out. `automatic` leaves it to the daemon: a thread for a plain transfer, a process where
/// parsing or CPU-heavy work follows.
enum class ExecutorKind { automatic, thread, process };

/// "auto", "thread", "process".
[[nodiscard]] std::string_view to_string(ExecutorKind kind);
[[nodiscard]] std::optional<ExecutorKind> executor_kind_from_string(std::string_view text);

}  // namespace concd::job
