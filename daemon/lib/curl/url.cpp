#include "lib/curl/url.hpp"

#include <new>

#include "lib/curl/error.hpp"

namespace concd::curl {

Url::Url(const std::string& text) : m_url(curl_url()) {
  if (!m_url) throw std::bad_alloc();
  // Whether a scheme is supported is for the caller to say, by name.
  const auto result = curl_url_set(m_url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME);
  if (result != CURLUE_OK) throw Error("URL", result);
}

std::string Url::part(CURLUPart which, unsigned flags) const {
  char* raw = nullptr;
  const auto result = curl_url_get(m_url.get(), which, &raw, flags);
  const std::unique_ptr<char, decltype(&curl_free)> owner(raw, curl_free);
  if (result == CURLUE_NO_PORT || result == CURLUE_NO_HOST || result == CURLUE_NO_SCHEME) return {};
  if (result != CURLUE_OK) throw Error("URL", result);
  return raw;
}

}  // namespace concd::curl
