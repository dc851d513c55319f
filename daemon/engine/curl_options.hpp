#pragma once

#include <string>
#include <string_view>

#include "engine/settings.hpp"
#include "lib/curl/easy.hpp"

namespace concd::engine {

/// Sets all that does not depend on how far the transfer is. Nothing of the environment counts: no proxy
/// variables, no netrc, no cookies. Throws curl::Error.
void set_options(curl::Easy& easy, const Settings& settings);

/// Where the next request goes: `url` is http, https, ftp or ftps, `proxy` the proxy's or empty. Throws
/// curl::Error.
void set_place(curl::Easy& easy, const std::string& url, const std::string& proxy);

/// Whether the URL may be handed to libcurl at all.
[[nodiscard]] bool allows(const Settings& settings, const std::string& url);

/// An FTP URL that ends in a slash, for which libcurl would fetch a listing.
[[nodiscard]] bool names_folder(const std::string& url);

/// The schemes that the settings allow, as CURLOPT_PROTOCOLS_STR wants them.
[[nodiscard]] std::string curl_schemes(const Settings& settings);

}  // namespace concd::engine
