#include "util/url.hpp"

#include <algorithm>
#include <cctype>

#include "util/shown.hpp"

namespace concd {
namespace {

struct UrlParts {
  std::string_view scheme, userinfo, host, path;
  bool has_query = false, has_fragment = false;
};

/// RFC 3986 §3.1. What else stands before "://" may be userinfo: libcurl forgives a missing slash.
bool is_scheme(std::string_view text) {
  const auto is_letter = [](unsigned char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; };
  const auto may_follow = [&](unsigned char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  };
  return !text.empty() && is_letter(static_cast<unsigned char>(text.front())) &&
         std::ranges::all_of(text, may_follow);
}

UrlParts split(std::string_view url) {
  UrlParts parts;
  const auto fragment = url.find('#');
  parts.has_fragment = fragment != std::string_view::npos;
  url = url.substr(0, fragment);
  const auto query = url.find('?');
  parts.has_query = query != std::string_view::npos;
  url = url.substr(0, query);
  const auto colon = url.find("://");
  if (colon == std::string_view::npos || !is_scheme(url.substr(0, colon))) {
    parts.path = url;
    return parts;
  }
  parts.scheme = url.substr(0, colon);
  const auto rest = url.substr(colon + 3);
  const auto slash = std::min(rest.find('/'), rest.size());
  auto authority = rest.substr(0, slash);
  parts.path = rest.substr(slash);
  const auto at = authority.rfind('@');
  if (at != std::string_view::npos) {
    parts.userinfo = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  parts.host = authority;
  return parts;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const auto letter = static_cast<char>(c | 0x20);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

std::string percent_decode(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      result += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return std::tolower(c); });
  return result;
}

bool looks_like_url(std::string_view text) {
  return text.find("://") != std::string_view::npos;
}

std::string redact_url(std::string_view url) {
  const auto parts = split(url);
  std::string result;
  if (!parts.scheme.empty()) result.append(parts.scheme).append("://");
  if (!parts.userinfo.empty()) result.append("***@");
  // Behind a slash too many there may be userinfo after all: libcurl forgives the slash.
  const bool is_plain = !parts.host.empty() || parts.path.find('@') == std::string_view::npos;
  result.append(parts.host).append(is_plain ? parts.path : "/***");
  if (parts.has_query) result.append("?***");
  if (parts.has_fragment) result.append("#***");
  return result;
}

std::string url_scheme(std::string_view url) {
  return lower_case(split(url).scheme);
}

std::string url_host(std::string_view url) {
  return lower_case(split(url).host);
}

std::string file_name_of(std::string_view suggested) {
  constexpr std::size_t k_longest = 255;  // NAME_MAX
  const bool unsafe = suggested.empty() || suggested == "." || suggested == ".." ||
                      suggested.size() > k_longest || suggested.find('/') != std::string_view::npos;
  return unsafe ? k_nameless_file : plain(suggested);
}

std::string url_file_name(std::string_view url) {
  const auto path = split(url).path;
  const auto slash = path.rfind('/');
  return file_name_of(percent_decode(slash == std::string_view::npos ? path : path.substr(slash + 1)));
}

}  // namespace concd
