#include "config/rules.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "util/ip_address.hpp"
#include "util/nearest.hpp"
#include "util/url.hpp"

namespace concd::config {
namespace {

const std::vector<std::string_view> k_schemes{"http", "https", "ftp", "ftps"};
const std::vector<std::string_view> k_proxy_schemes{"http",    "https",  "socks4",
                                                    "socks4a", "socks5", "socks5h"};

bool contains(const std::vector<std::string_view>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

}  // namespace

std::string account_problem(const std::string& text) {
  const auto is_allowed = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
  };
  const bool good = !text.empty() && text.front() != '-' && std::ranges::all_of(text, is_allowed);
  return good ? "" : "is not a name of a user or group";
}

std::string scheme_problem(const std::string& text) {
  if (contains(k_schemes, text)) return "";
  if (text == "file") return "must not be file: file_roots allows it";
  const auto near = nearest(text, k_schemes);
  return fmt::format("must be one of {}{}", fmt::join(k_schemes, ", "),
                     near ? fmt::format("; did you mean `{}`?", *near) : std::string());
}

std::string proxy_problem(const std::string& text) {
  if (text.empty()) return "";
  if (!contains(k_proxy_schemes, url_scheme(text)))
    return fmt::format("must be empty or a URL with one of the schemes {}", fmt::join(k_proxy_schemes, ", "));
  return url_host(text).empty() ? "names no host" : "";
}

std::string origin_problem(const std::string& text) {
  if (text.find('/') != std::string::npos && !IpNetwork::parse(text))
    return "is not a network such as 192.0.2.0/24 or 2001:db8::/32";
  const bool good = !text.empty() && text.find_first_of(" ,@") == std::string::npos;
  return good ? "" : "must be a network, an address, a host or a domain";
}

std::string host_problem(const std::string& text) {
  const bool good = !text.empty() && text.find_first_of(" ,/") == std::string::npos;
  return good ? "" : "must be a host name, a domain or an address";
}

}  // namespace concd::config
