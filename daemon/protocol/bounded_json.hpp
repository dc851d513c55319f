#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>
#include <tl/expected.hpp>

namespace concd::protocol {

inline constexpr std::size_t k_json_depth = 32;           ///< arrays and objects inside one another
inline constexpr std::size_t k_json_values = 128 * 1024;  ///< elements and members, all together

/// Reads JSON from a stranger, RFC 8259. The error is a sentence for a person: not JSON, not UTF-8, a number
/// that fits no double, or beyond the bounds above, which are checked before anything is built.
[[nodiscard]] tl::expected<nlohmann::json, std::string> parse_bounded_json(std::string_view text);

}  // namespace concd::protocol
