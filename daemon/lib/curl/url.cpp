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

Url Url::follow(const std::string& location) const {
  Url next(curl_url_dup(m_url.get()));
  if (!next.m_url) throw std::bad_alloc();
  // As libcurl does it itself: servers write spaces where %20 belongs.
  const auto result = curl_url_set(next.m_url.get(), CURLUPART_URL, location.c_str(),
                                   CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE | CURLU_ALLOW_SPACE);
  if (result != CURLUE_OK) throw Error("redirect", result);
  return next;
}

void Url::take_login(const Url& other) {
  if (!part(CURLUPART_USER).empty()) return;
  for (const auto which : {CURLUPART_USER, CURLUPART_PASSWORD})
    if (const auto value = other.part(which); !value.empty())
      curl_url_set(m_url.get(), which, value.c_str(), 0);
}

std::string Url::part(CURLUPart which, unsigned flags) const {
  char* raw = nullptr;
  const auto result = curl_url_get(m_url.get(), which, &raw, flags);
  const std::unique_ptr<char, decltype(&curl_free)> owner(raw, curl_free);
  if (result == CURLUE_NO_PORT || result == CURLUE_NO_HOST || result == CURLUE_NO_SCHEME ||
      result == CURLUE_NO_USER || result == CURLUE_NO_PASSWORD)
    return {};
  if (result != CURLUE_OK) throw Error("URL", result);
  return raw;
}

}  // namespace concd::curl
