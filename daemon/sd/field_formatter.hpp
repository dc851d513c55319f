#pragma once

#include <memory>

#include <spdlog/formatter.h>

namespace concd::sd {

/// A spdlog formatter for terminals and files: time, level, the text, then the entry's fields as NAME=value,
/// with control characters replaced, because names and messages may come from strangers.
[[nodiscard]] std::unique_ptr<spdlog::formatter> make_field_formatter();

}  // namespace concd::sd
