#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// What a text from a stranger may do where people read it: on a terminal, in the journal and as a file's
// name.
namespace concd {

/// One character of a text in UTF-8, RFC 3629.
struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;  ///< that it takes in the text
  bool valid = false;     ///< else it is a byte that is no part of a character
};

/// That of a text that is not empty.
[[nodiscard]] Character first_character(std::string_view text);

/// Whether all of the text is UTF-8: JSON takes nothing else.
[[nodiscard]] bool is_utf8(std::string_view text);

/// Whether it shows as what it is: UTF-8 without control characters (C0, DEL, C1), line separators, and what
/// turns the direction of writing or has no width.
[[nodiscard]] bool is_plain(std::string_view text);

/// The text with each such character, or byte that is not UTF-8, escaped as C does it: "\x1B", "\u202E". Of a
/// text beyond `longest` bytes the start and "...".
[[nodiscard]] std::string printable(std::string_view text, std::size_t longest = 16 << 10);

/// printable() of a name in a message: of at most 200 bytes. A null pointer is an empty text.
[[nodiscard]] std::string shown(const char* text);

/// The text with each such character, or byte, replaced by "_".
[[nodiscard]] std::string plain(std::string_view text);

}  // namespace concd
