#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "util/shown.hpp"

namespace concd::client {

/// How many columns printable() text takes on a terminal.
[[nodiscard]] std::size_t columns_of(std::string_view text);

/// Printable text cut to at most `columns`, with "…" where something was cut off.
[[nodiscard]] std::string cut(std::string_view text, std::size_t columns);

/// Printable text cut and padded with spaces to exactly `columns`.
[[nodiscard]] std::string padded(std::string_view text, std::size_t columns);
[[nodiscard]] std::string padded_left(std::string_view text, std::size_t columns);

}  // namespace concd::client
