#include "job/priority.hpp"

#include <algorithm>
#include <array>

namespace concd::job {
namespace {

constexpr std::array<std::string_view, 4> k_names{"low", "normal", "high", "foreground"};

}  // namespace

std::string_view to_string(Priority priority) {
  return k_names[static_cast<std::size_t>(priority)];
}

std::optional<Priority> priority_from_string(std::string_view text) {
  const auto* const found = std::ranges::find(k_names, text);
  if (found == k_names.end()) return std::nullopt;
  return static_cast<Priority>(found - k_names.begin());
}

}  // namespace concd::job
