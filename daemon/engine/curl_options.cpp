#include "engine/curl_options.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "lib/curl/error.hpp"
#include "lib/curl/url.hpp"
#include "util/url.hpp"

namespace concd::engine {
namespace {

// libcurl hands on what one recv(2) brought: few and large ones are what makes a fast download.
constexpr long k_buffer_size = 256 * 1024;
constexpr long k_dns_cache_seconds = 60;
constexpr std::array<std::string_view, 4> k_schemes{"http", "https", "ftp", "ftps"};

/// At least one, because 0 means "no limit" to libcurl.
long whole(std::chrono::milliseconds span) {
  return static_cast<long>(std::max<std::int64_t>(span.count(), 1));
}

std::string join(const std::vector<std::string>& words) {
  std::string result;
  for (const auto& word : words) result += (result.empty() ? "" : ",") + word;
  return result;
}

void set_limits(curl::Easy& easy, const Settings& settings) {
  using namespace std::chrono;
  easy.set_number(CURLOPT_CONNECTTIMEOUT_MS, whole(ceil<milliseconds>(settings.connect_timeout)));
  easy.set_number(CURLOPT_LOW_SPEED_LIMIT, 1);
  easy.set_number(CURLOPT_LOW_SPEED_TIME,
                  std::max(1L, static_cast<long>(ceil<seconds>(settings.stall_timeout).count())));
  easy.set_number(CURLOPT_SERVER_RESPONSE_TIMEOUT,
                  std::max(1L, static_cast<long>(ceil<seconds>(settings.stall_timeout).count())));
  easy.set_number(CURLOPT_BUFFERSIZE, k_buffer_size);
  easy.set_number(CURLOPT_TCP_KEEPALIVE, 1);
  easy.set_number(CURLOPT_DNS_CACHE_TIMEOUT, k_dns_cache_seconds);
  // A resolver that does not answer must not hold up the thread when its transfer is stopped.
  easy.set_number(CURLOPT_QUICK_EXIT, 1);
}

void set_redirects(curl::Easy& easy, const Settings& settings) {
  easy.set_text(CURLOPT_PROTOCOLS_STR, curl_schemes(settings));
  // The Route follows: libcurl would ask nobody about the host, and read bodies of any length on the way.
  easy.set_number(CURLOPT_FOLLOWLOCATION, 0);
  easy.set_number(CURLOPT_UNRESTRICTED_AUTH, 0);
}

}  // namespace

bool allows(const Settings& settings, const std::string& url) {
  const auto scheme = url_scheme(url);
  return std::ranges::find(k_schemes, scheme) != k_schemes.end() &&
         std::ranges::find(settings.schemes, scheme) != settings.schemes.end();
}

bool names_folder(const std::string& url) {
  if (!url_scheme(url).starts_with("ftp")) return false;
  try {
    return curl::Url(url).path().ends_with('/');
  } catch (const curl::Error&) {
    // No URL at all: libcurl says so itself.
    return false;
  }
}

std::string curl_schemes(const Settings& settings) {
  std::vector<std::string> allowed;
  for (const auto scheme : k_schemes)
    if (std::ranges::find(settings.schemes, scheme) != settings.schemes.end()) allowed.emplace_back(scheme);
  return join(allowed);
}

void set_place(curl::Easy& easy, const std::string& url, const std::string& proxy) {
  easy.set_text(CURLOPT_URL, url);
  // Empty strings rather than nothing: those keep libcurl from asking the environment.
  easy.set_text(CURLOPT_PROXY, proxy);
  easy.set_text(CURLOPT_NOPROXY, "");
}

void set_options(curl::Easy& easy, const Settings& settings) {
  set_limits(easy, settings);
  set_redirects(easy, settings);
  easy.set_number(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1);
  easy.set_number(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
  easy.set_number(CURLOPT_HTTP_CONTENT_DECODING, 0);
  easy.set_number(CURLOPT_HTTP09_ALLOWED, 0);
  easy.set_number(CURLOPT_NETRC, CURL_NETRC_IGNORED);
  easy.set_number(CURLOPT_FILETIME, 1);
  easy.set_text(CURLOPT_USERAGENT, settings.user_agent);
  if (!settings.ca_file.empty()) easy.set_text(CURLOPT_CAINFO, settings.ca_file.string());
}

}  // namespace concd::engine
