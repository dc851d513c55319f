#include "job/standing.hpp"

#include <algorithm>
#include <array>

namespace concd::job {
namespace {

constexpr std::array<std::string_view, 5> k_names{"active", "paused", "done", "failed", "cancelled"};

}  // namespace

bool has_ended(Standing standing) {
  return standing != Standing::active && standing != Standing::paused;
}

std::string_view to_string(Standing standing) {
  return k_names[static_cast<std::size_t>(standing)];
}

std::optional<Standing> standing_from_string(std::string_view text) {
  const auto* const found = std::ranges::find(k_names, text);
  if (found == k_names.end()) return std::nullopt;
  return static_cast<Standing>(found - k_names.begin());
}

}  // namespace concd::job
