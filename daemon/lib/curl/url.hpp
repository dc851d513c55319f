#pragma once

#include <memory>
#include <string>

#include <curl/curl.h>

namespace concd::curl {

/// A parsed URL, curl_url(3): what it says is what libcurl will do, which a parser of our own could not
/// promise.
class Url {
 public:
  /// Throws Error when the text is not a URL with a scheme.
  explicit Url(const std::string& text);

  [[nodiscard]] std::string scheme() const { return part(CURLUPART_SCHEME); }
  /// Percent-decoded; IPv6 addresses keep their brackets.
  [[nodiscard]] std::string host() const { return part(CURLUPART_HOST, CURLU_URLDECODE); }
  /// As digits, the scheme's own where none is written.
  [[nodiscard]] std::string port() const { return part(CURLUPART_PORT, CURLU_DEFAULT_PORT); }
  [[nodiscard]] std::string text() const { return part(CURLUPART_URL); }
  /// Where a redirect with this Location leads to from here, RFC 3986 §5. Throws Error when that is no URL.
  [[nodiscard]] Url follow(const std::string& location) const;
  /// Takes over user and password, unless it has some.
  void take_login(const Url& other);
  [[nodiscard]] std::string path() const { return part(CURLUPART_PATH); }
  /// Percent-decoded. Throws Error when that gives a control character.
  [[nodiscard]] std::string decoded_path() const { return part(CURLUPART_PATH, CURLU_URLDECODE); }

 private:
  struct Cleanup {
    void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
  };

  explicit Url(CURLU* url) : m_url(url) {}
  [[nodiscard]] std::string part(CURLUPart which, unsigned flags = 0) const;

  std::unique_ptr<CURLU, Cleanup> m_url;
};

}  // namespace concd::curl
