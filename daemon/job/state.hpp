#pragma once

#include <optional>
#include <string_view>

namespace concd::job {

/// Where a job stands.
enum class State {
  queued,     ///< may run as soon as there is a place
  running,    ///< an executor has it
  waiting,    ///< something must pass first: a retry's delay, a network, room on the disk
  paused,     ///< by a person; goes on only by Resume
  done,       ///< verified, on disk and published
  failed,     ///< given up, with a Failure; goes on only by Retry
  cancelled,  ///< by a person; goes on only by Retry
};

/// True for the states that a waiting client is released by: done, failed, cancelled.
[[nodiscard]] bool is_final(State state);

/// The one table of allowed moves. The same state again is no move and not allowed.
[[nodiscard]] bool may_move(State from, State to);

[[nodiscard]] std::string_view to_string(State state);
[[nodiscard]] std::optional<State> state_from_string(std::string_view text);

}  // namespace concd::job
