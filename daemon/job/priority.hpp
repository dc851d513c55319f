#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace concd::job {

/// Which of the transfers that may run goes first; lower values wait for higher ones.
enum class Priority : std::uint8_t { low, normal, high, foreground };

[[nodiscard]] std::string_view to_string(Priority priority);
[[nodiscard]] std::optional<Priority> priority_from_string(std::string_view text);

}  // namespace concd::job
