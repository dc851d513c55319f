#pragma once

#include <cstddef>
#include <string_view>

/// Which names an archive may use. Pure: nothing here looks at a disk.
namespace concd::worker {

/// The longest path of an entry, in bytes, and the most components in it.
inline constexpr std::size_t k_max_path = 4000;
inline constexpr std::size_t k_max_depth = 128;

/// True for a relative path without "..", within the limits.
[[nodiscard]] bool stays_inside(std::string_view path);

/// True when a symbolic link at `path` (which stays inside, below real folders) leads to a place inside,
/// whatever other such links its target goes through. So ".." may only be at the target's beginning, where it
/// counts from a real folder.
[[nodiscard]] bool link_stays_inside(std::string_view path, std::string_view target);

}  // namespace concd::worker
