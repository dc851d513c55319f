#pragma once

#include <stdexcept>
#include <string>

#include <curl/curl.h>

namespace concd::curl {

/// A call to libcurl that failed where it never should: "CONTEXT: what libcurl says", libcurl-errors(3). How
/// a transfer ends is not an exception but a CURLcode, see Easy::Handler::on_done.
class Error : public std::runtime_error {
 public:
  Error(const std::string& context, CURLcode code);
  Error(const std::string& context, CURLMcode code);
  Error(const std::string& context, CURLUcode code);
};

void check(CURLcode code, const char* context);
void check(CURLMcode code, const char* context);

/// curl_easy_strerror(3).
[[nodiscard]] std::string text(CURLcode code);

}  // namespace concd::curl
