#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// Which names the content of an archive may use. Pure: nothing here looks at a disk.
namespace concd {

/// The longest path of an entry, in bytes, and the most components in it.
inline constexpr std::size_t k_max_tree_path = 4000;
inline constexpr std::size_t k_max_tree_depth = 128;
/// The most files, folders and links in what one archive holds.
inline constexpr std::uint64_t k_max_tree_entries = 1'000'000;

/// True for a relative path without "..", within the limits.
[[nodiscard]] bool stays_inside(std::string_view path);

/// True when a symbolic link at `path` (which stays inside, below real folders) leads to a place inside,
/// whatever other such links its target goes through. So ".." may only be at the target's beginning, where it
/// counts from a real folder.
[[nodiscard]] bool link_stays_inside(std::string_view path, std::string_view target);

}  // namespace concd
