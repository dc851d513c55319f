#include "util/field_value.hpp"

#include <algorithm>

namespace concd {

bool is_field_value(std::string_view text) {
  return std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

}  // namespace concd
