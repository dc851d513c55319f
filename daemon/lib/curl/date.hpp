#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace concd::curl {

/// Reads a date as servers write them, seconds since the epoch, curl_getdate(3). Nothing when it is none.
[[nodiscard]] std::optional<std::int64_t> parse_date(const std::string& text);

}  // namespace concd::curl
