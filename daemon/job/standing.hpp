#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace concd::job {

/// What a job has to do with its transfer.
enum class Standing : std::uint8_t {
  active,     ///< wants it; the job's state is the transfer's phase
  paused,     ///< by a person; would go on with it
  done,       ///< the transfer was published
  failed,     ///< the transfer was given up
  cancelled,  ///< by a person
};

/// Neither active nor paused.
[[nodiscard]] bool has_ended(Standing standing);

[[nodiscard]] std::string_view to_string(Standing standing);
[[nodiscard]] std::optional<Standing> standing_from_string(std::string_view text);

}  // namespace concd::job
