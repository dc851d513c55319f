#include "protocol/bounded_json.hpp"

#include <optional>

#include <nlohmann/json.hpp>

namespace concd::protocol {
namespace {

/// Looks at brackets and commas outside of strings only; whether the text is JSON at all is for the parser to
/// say. Depth is counted here because a value that is too deep would be destroyed, copied and written out by
/// recursion later on.
std::optional<std::string> beyond_bounds(std::string_view text) {
  std::size_t depth = 0, values = 1;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > k_json_depth) return "it is nested too deeply";
      ++values;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    } else if (c == ',') {
      ++values;
    }
    if (values > k_json_values) return "it has too many values";
  }
  return std::nullopt;
}

}  // namespace

tl::expected<nlohmann::json, std::string> parse_bounded_json(std::string_view text) {
  if (auto reason = beyond_bounds(text)) return tl::unexpected(std::move(*reason));
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    return tl::unexpected("it is not JSON at byte " + std::to_string(error.byte));
  } catch (const nlohmann::json::out_of_range&) {
    return tl::unexpected(std::string("it has a number that is too large"));
  }
}

}  // namespace concd::protocol
