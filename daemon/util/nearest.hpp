#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace concd {

/// The candidate that a person most likely meant by `word`: the one with the fewest typing mistakes (a letter
/// wrong, missing, too many, or two swapped; capitals don't count), the first of equals. Nothing when none is
/// similar. Takes bounded time for any word.
[[nodiscard]] std::optional<std::string_view> nearest(std::string_view word,
                                                      const std::vector<std::string_view>& candidates);

}  // namespace concd
