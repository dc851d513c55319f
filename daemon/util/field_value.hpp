#pragma once

#include <string_view>

namespace concd {

/// Whether the text may be sent as the value of a header field: it has no control characters, which could end
/// the field and begin another, RFC 9110 §5.5.
[[nodiscard]] bool is_field_value(std::string_view text);

}  // namespace concd
