// URLs that a caller or a server names. What libcurl takes for user, password, query or fragment is not in
// the redacted text: a word that stands there and nowhere else gives it away.

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include <curl/curl.h>

#include "expect.hpp"
#include "util/url.hpp"

namespace {

using namespace concd;
using fuzz::expect;

constexpr std::string_view k_secret = "S3CRET";

struct FreeUrl {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};

bool is_secret_in(CURLU* url, CURLUPart part) {
  char* raw = nullptr;
  if (curl_url_get(url, part, &raw, 0) != CURLUE_OK) return false;
  const std::unique_ptr<char, decltype(&curl_free)> text(raw, curl_free);
  return std::string_view(text.get()).find(k_secret) != std::string_view::npos;
}

void check_redacted(const std::string& text) {
  const auto first = text.find(k_secret);
  if (first == std::string::npos || text.find(k_secret, first + 1) != std::string::npos) return;
  const std::unique_ptr<CURLU, FreeUrl> url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) return;
  const auto has_it = [&](CURLUPart part) { return is_secret_in(url.get(), part); };
  if (std::ranges::any_of(std::array{CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT},
                          has_it))
    expect(redact_url(text).find(k_secret) == std::string::npos);
}

void check_file_name(const std::string& name) {
  const auto unsafe = [](unsigned char c) { return c == '/' || c < 0x20 || c == 0x7f; };
  expect(!name.empty() && name != "." && name != ".." && name.size() <= 255);
  expect(std::ranges::none_of(name, unsafe));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(fuzz::text_of(data, size));
  // Not as a C string: what libcurl is given ends at the first NUL.
  if (text.find('\0') == std::string::npos) check_redacted(text);
  // Redacted, there is nothing left to redact.
  if (!url_scheme(text).empty()) expect(redact_url(redact_url(text)) == redact_url(text));
  expect(url_host(text).find('@') == std::string::npos);
  static_cast<void>(url_scheme(text));
  check_file_name(url_file_name(text));
  return 0;
}
