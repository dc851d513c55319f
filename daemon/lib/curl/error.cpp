#include "lib/curl/error.hpp"

namespace concd::curl {

Error::Error(const std::string& context, CURLcode code)
    : std::runtime_error(context + ": " + curl_easy_strerror(code)) {}

Error::Error(const std::string& context, CURLMcode code)
    : std::runtime_error(context + ": " + curl_multi_strerror(code)) {}

Error::Error(const std::string& context, CURLUcode code)
    : std::runtime_error(context + ": " + curl_url_strerror(code)) {}

void check(CURLcode code, const char* context) {
  if (code != CURLE_OK) throw Error(context, code);
}

void check(CURLMcode code, const char* context) {
  if (code != CURLM_OK) throw Error(context, code);
}

std::string text(CURLcode code) {
  return curl_easy_strerror(code);
}

}  // namespace concd::curl
