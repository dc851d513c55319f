#include "engine/content_coding.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "util/url.hpp"

namespace concd::engine {
namespace {

constexpr std::array<std::string_view, 4> k_gzip_types{"application/gzip", "application/x-gzip", "x-gzip",
                                                       "gzip"};

bool is_gzip_name(const std::string& url) {
  const auto name = lower_case(url_file_name(url));
  return name.ends_with(".gz") || name.ends_with(".tgz");
}

bool is_gzip_type(const std::string& content_type) {
  auto type = lower_case(content_type.substr(0, content_type.find(';')));
  while (type.ends_with(' ')) type.pop_back();
  return std::ranges::find(k_gzip_types, type) != k_gzip_types.end();
}

}  // namespace

BodyCoding coding_of(const Response& response, const std::string& asked, const std::string& found) {
  const auto codings = response.content_codings();
  if (codings.empty()) return BodyCoding::plain;
  if (codings.size() > 1) return BodyCoding::foreign;
  const auto& coding = codings.front();
  if (coding == "deflate") return BodyCoding::coded;
  if (coding != "gzip" && coding != "x-gzip") return BodyCoding::foreign;
  const bool is_file =
      is_gzip_name(asked) || is_gzip_name(found) || is_gzip_type(response.get("content-type"));
  return is_file ? BodyCoding::plain : BodyCoding::coded;
}

}  // namespace concd::engine
