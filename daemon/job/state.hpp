#pragma once

#include <optional>
#include <string_view>

namespace concd::job {

/// Where a job stands, as its caller sees it: its own standing and its transfer's phase in one word.
enum class State {
  queued,      ///< runs as soon as there is a place
  running,     ///< an executor has it
  waiting,     ///< something must pass first
  paused,      ///< by a person; goes on only by Resume
  publishing,  ///< the bytes are here and are being verified and put in place
  done,        ///< verified, on disk and published
  failed,      ///< given up, with a Failure; goes on only by Retry
  cancelled,   ///< by a person; goes on only by Retry
};

/// True for the states that a waiting client is released by: done, failed, cancelled.
[[nodiscard]] bool is_final(State state);

[[nodiscard]] std::string_view to_string(State state);
[[nodiscard]] std::optional<State> state_from_string(std::string_view text);

}  // namespace concd::job
