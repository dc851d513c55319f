#pragma once

#include <string>
#include <string_view>

namespace concd {

/// ASCII letters in lower case.
[[nodiscard]] std::string lower_case(std::string_view text);

/// True when the text is a URL by concctl's rule: it contains "://". Anything else is a catalog name.
[[nodiscard]] bool looks_like_url(std::string_view text);

/// The URL without what may be secret: userinfo, query and fragment are replaced by "***" (RFC 3986 §3).
[[nodiscard]] std::string redact_url(std::string_view url);

/// The lower-case scheme, without "://"; empty when there is none.
[[nodiscard]] std::string url_scheme(std::string_view url);

/// "host:port" as written, lower-case, without userinfo; what limits per host count by. Empty for file: and
/// sim:.
[[nodiscard]] std::string url_host(std::string_view url);

/// A safe file name from the last path component, percent-decoded; "index.html" when that is empty, a dot
/// name, or has a slash, NUL or control character once decoded.
[[nodiscard]] std::string url_file_name(std::string_view url);

}  // namespace concd
