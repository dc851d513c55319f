#include "util/shown.hpp"

#include <algorithm>

namespace concd {

std::string shown(const char* text) {
  constexpr std::size_t k_max_shown = 200;
  std::string name = text == nullptr ? "" : text;
  if (name.size() > k_max_shown) name = name.substr(0, k_max_shown) + "...";
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
  std::ranges::replace_if(name, is_control, '?');
  return name;
}

}  // namespace concd
