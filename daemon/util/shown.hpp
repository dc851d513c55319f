#pragma once

#include <string>

namespace concd {

/// A stranger's text, fit to be shown on a terminal: at most 200 bytes and "...", control characters as "?".
/// A null pointer is an empty text.
[[nodiscard]] std::string shown(const char* text);

}  // namespace concd
