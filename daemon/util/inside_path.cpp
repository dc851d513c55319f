#include "util/inside_path.hpp"

#include <algorithm>
#include <vector>

namespace concd {
namespace {

/// The components that lead somewhere: neither empty nor ".".
std::vector<std::string_view> components(std::string_view path) {
  std::vector<std::string_view> found;
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    const auto component = path.substr(0, end);
    if (!component.empty() && component != ".") found.push_back(component);
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return found;
}

bool is_relative(std::string_view path) {
  return !path.empty() && path.front() != '/' && path.size() <= k_max_tree_path;
}

}  // namespace

bool stays_inside(std::string_view path) {
  if (!is_relative(path)) return false;
  const auto parts = components(path);
  return parts.size() <= k_max_tree_depth && std::ranges::find(parts, "..") == parts.end();
}

bool link_stays_inside(std::string_view path, std::string_view target) {
  const auto levels = components(path).size();
  // The folder itself, as ".", is no place for a link.
  if (!is_relative(target) || levels == 0) return false;
  const auto depth = levels - 1;
  const auto parts = components(target);
  const auto down = std::ranges::find_if(parts, [](auto part) { return part != ".."; });
  const auto up = static_cast<std::size_t>(down - parts.begin());
  return up <= depth && std::find(down, parts.end(), "..") == parts.end();
}

}  // namespace concd
