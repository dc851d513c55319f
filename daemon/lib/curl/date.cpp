#include "lib/curl/date.hpp"

#include <curl/curl.h>

namespace concd::curl {

std::optional<std::int64_t> parse_date(const std::string& text) {
  const auto time = curl_getdate(text.c_str(), nullptr);
  return time == -1 ? std::nullopt : std::optional<std::int64_t>(time);
}

}  // namespace concd::curl
