#include "util/shown.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <spdlog/fmt/fmt.h>

namespace concd {
namespace {

constexpr std::size_t k_longest_name = 200;  // bytes

/// First and last of each range, in order: of Unicode's general categories Cc, Zl, Zp and Cf what is not
/// seen, and letters that fill a place without being seen.
constexpr std::array<std::pair<char32_t, char32_t>, 18> k_steering{{
    {0x00, 0x1F},
    {0x7F, 0x9F},
    {0xAD, 0xAD},
    {0x34F, 0x34F},
    {0x61C, 0x61C},
    {0x115F, 0x1160},
    {0x17B4, 0x17B5},
    {0x180B, 0x180E},
    {0x200B, 0x200F},
    {0x2028, 0x202E},
    {0x2060, 0x206F},
    {0x3164, 0x3164},
    {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0},
    {0xFFF9, 0xFFFB},
    {0x1BCA0, 0x1BCA3},
    {0x1D173, 0x1D17A},
    {0xE0000, 0xE0FFF},
}};

bool steers(char32_t code) {
  const auto range =
      std::ranges::lower_bound(k_steering, code, {}, [](const auto& each) { return each.second; });
  return range != k_steering.end() && range->first <= code;
}

bool shows(const Character& character) {
  return character.valid && !steers(character.code);
}

std::size_t bytes_by_lead(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

/// As C writes it; `text` begins with the character.
std::string escape(const Character& character, std::string_view text) {
  if (!character.valid) return fmt::format("\\x{:02X}", static_cast<unsigned char>(text.front()));
  const auto code = static_cast<std::uint32_t>(character.code);
  if (code < 0x80) return fmt::format("\\x{:02X}", code);
  return code < 0x10000 ? fmt::format("\\u{:04X}", code) : fmt::format("\\U{:08X}", code);
}

/// The text with what does not show put through `replace`.
template <typename Replace>
std::string with_replaced(std::string_view text, Replace replace) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto character = first_character(text);
    if (shows(character))
      result += text.substr(0, character.bytes);
    else
      result += replace(character, text);
    text.remove_prefix(character.bytes);
  }
  return result;
}

/// The longest start of at most `longest` bytes that ends behind a character.
std::string_view start_of(std::string_view text, std::size_t longest) {
  while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xC0) == 0x80) --longest;
  return text.substr(0, longest);
}

}  // namespace

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

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto character = first_character(text);
    if (!character.valid) return false;
    text.remove_prefix(character.bytes);
  }
  return true;
}

bool is_plain(std::string_view text) {
  while (!text.empty()) {
    const auto character = first_character(text);
    if (!shows(character)) return false;
    text.remove_prefix(character.bytes);
  }
  return true;
}

std::string printable(std::string_view text, std::size_t longest) {
  if (text.size() > longest) return with_replaced(start_of(text, longest), escape) + "...";
  return with_replaced(text, escape);
}

std::string shown(const char* text) {
  return printable(text == nullptr ? "" : text, k_longest_name);
}

std::string plain(std::string_view text) {
  return with_replaced(text, [](const Character&, std::string_view) { return "_"; });
}

}  // namespace concd
