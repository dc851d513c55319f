#include "client/output/printable.hpp"

namespace concd::client {
namespace {

bool within(char32_t code, char32_t first, char32_t last) {
  return code >= first && code <= last;
}

/// The common part of what wcwidth(3) knows, which needs a locale that may not be there.
std::size_t width(char32_t code) {
  if (within(code, 0x300, 0x36F) || within(code, 0x200B, 0x200D) || within(code, 0xFE00, 0xFE0F)) return 0;
  const bool wide = within(code, 0x1100, 0x115F) || within(code, 0x2E80, 0xA4CF) ||
                    within(code, 0xAC00, 0xD7A3) || within(code, 0xF900, 0xFAFF) ||
                    within(code, 0xFE30, 0xFE6F) || within(code, 0xFF00, 0xFF60) ||
                    within(code, 0x1F300, 0x1FAFF) || within(code, 0x20000, 0x3FFFD);
  return wide ? 2 : 1;
}

/// The longest start of the text that takes at most `columns`.
std::string_view start_of(std::string_view text, std::size_t columns) {
  std::size_t used = 0, end = 0;
  while (end < text.size()) {
    const auto character = first_character(text.substr(end));
    used += width(character.code);
    if (used > columns) break;
    end += character.bytes;
  }
  return text.substr(0, end);
}

std::string spaces(std::size_t count) {
  return std::string(count, ' ');
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const auto character = first_character(text);
    columns += width(character.code);
    text.remove_prefix(character.bytes);
  }
  return columns;
}

std::string cut(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  return std::string(start_of(text, columns - 1)) + "…";
}

std::string padded(std::string_view text, std::size_t columns) {
  auto result = cut(text, columns);
  return result + spaces(columns - columns_of(result));
}

std::string padded_left(std::string_view text, std::size_t columns) {
  const auto result = cut(text, columns);
  return spaces(columns - columns_of(result)) + result;
}

}  // namespace concd::client
