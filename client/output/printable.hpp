#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace concd::client {

/// The text fit for a terminal: what could steer it (control characters, direction overrides, bytes that are
/// not UTF-8) is replaced by "?". Names and messages come from strangers.
[[nodiscard]] std::string printable(std::string_view text);

/// Whether all of the text is UTF-8, RFC 3629: JSON takes nothing else.
[[nodiscard]] bool is_utf8(std::string_view text);

/// How many columns printable() text takes on a terminal.
[[nodiscard]] std::size_t columns_of(std::string_view text);

/// Printable text cut to at most `columns`, with "…" where something was cut off.
[[nodiscard]] std::string cut(std::string_view text, std::size_t columns);

/// Printable text cut and padded with spaces to exactly `columns`.
[[nodiscard]] std::string padded(std::string_view text, std::size_t columns);
[[nodiscard]] std::string padded_left(std::string_view text, std::size_t columns);

}  // namespace concd::client
