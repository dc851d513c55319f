#include "client/output/printable.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace concd::client {
namespace {

struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;  ///< that it takes in the text
  bool valid = false;
};

std::size_t bytes_by_lead(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

/// The first character of a text that is not empty, RFC 3629.
Character first_character(std::string_view text) {
  constexpr std::array<char32_t, 5> k_min{0, 0, 0x80, 0x800, 0x10000};
  constexpr std::array<unsigned, 5> k_mask{0, 0x7F, 0x1F, 0x0F, 0x07};
  const auto lead = static_cast<unsigned char>(text[0]);
  const auto bytes = bytes_by_lead(lead);
  if (bytes == 0 || bytes > text.size()) return {};
  char32_t code = lead & k_mask[bytes];
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return {};
    code = code << 6 | (next & 0x3F);
  }
  if (code < k_min[bytes] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
  return {code, bytes, true};
}

bool within(char32_t code, char32_t first, char32_t last) {
  return code >= first && code <= last;
}

/// Control characters (C0, DEL, C1), line separators, and what turns the direction of writing.
bool steers(char32_t code) {
  return code < 0x20 || within(code, 0x7F, 0x9F) || within(code, 0x200E, 0x200F) ||
         within(code, 0x2028, 0x202E) || within(code, 0x2066, 0x2069) || code == 0x061C || code == 0xFEFF;
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

std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto character = first_character(text);
    if (character.valid && !steers(character.code))
      result += text.substr(0, character.bytes);
    else
      result += '?';
    text.remove_prefix(character.bytes);
  }
  return result;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto character = first_character(text);
    if (!character.valid) return false;
    text.remove_prefix(character.bytes);
  }
  return true;
}

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
