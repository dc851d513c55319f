#include "engine/response.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "engine/validators.hpp"
#include "lib/curl/date.hpp"
#include "util/field_value.hpp"
#include "util/url.hpp"

namespace concd::engine {
namespace {

using namespace std::chrono_literals;

// What HTTP/2 leaves out and a person wants to read.
constexpr std::array k_reasons{
    std::pair{400, "Bad Request"},
    std::pair{401, "Unauthorized"},
    std::pair{403, "Forbidden"},
    std::pair{404, "Not Found"},
    std::pair{407, "Proxy Authentication Required"},
    std::pair{408, "Request Timeout"},
    std::pair{410, "Gone"},
    std::pair{416, "Range Not Satisfiable"},
    std::pair{425, "Too Early"},
    std::pair{429, "Too Many Requests"},
    std::pair{451, "Unavailable For Legal Reasons"},
    std::pair{500, "Internal Server Error"},
    std::pair{502, "Bad Gateway"},
    std::pair{503, "Service Unavailable"},
    std::pair{504, "Gateway Timeout"},
};

// Servers and caches add some tens.
constexpr std::size_t k_max_fields = 1000;

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// The elements of a comma-separated list, RFC 9110 §5.6.1.
std::vector<std::string_view> elements(std::string_view list) {
  std::vector<std::string_view> result;
  for (;;) {
    const auto comma = list.find(',');
    result.push_back(trim(list.substr(0, comma)));
    if (comma == std::string_view::npos) return result;
    list.remove_prefix(comma + 1);
  }
}

/// What a server sent goes to terminals and journals: printable ASCII only, and not much of it.
std::string presentable(std::string_view text) {
  std::string result(text.substr(0, 80));
  std::ranges::replace_if(result, [](unsigned char c) { return c < 0x20 || c > 0x7e; }, '?');
  return result;
}

}  // namespace

void Response::begin(std::string_view line) {
  *this = Response();
  line = trim(line);
  m_version = line.starts_with("HTTP/1.0")  ? Version::http_1_0
              : line.starts_with("HTTP/1.") ? Version::http_1_1
                                            : Version::later;
  const auto space = std::min(line.find(' '), line.size());
  line = trim(line.substr(space));
  m_status = static_cast<int>(parse_decimal(line.substr(0, 3)).value_or(0));
  m_reason = presentable(trim(line.substr(std::min<std::size_t>(3, line.size()))));
}

void Response::add(std::string_view line) {
  if (!line.empty() && (line.front() == ' ' || line.front() == '\t')) {
    if (!m_fields.empty()) m_fields.back().second.append(" ").append(trim(line));
    return;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return;
  if (m_fields.size() >= k_max_fields) {
    m_fault = "its header has more than " + std::to_string(k_max_fields) + " fields";
    return;
  }
  const auto name = line.substr(0, colon);
  // "Content-Length : 5" is read differently by different parsers, RFC 9112 §5.1.
  if (trim(name) != name) m_fault = "a header field has space before its colon";
  m_fields.emplace_back(lower_case(trim(name)), std::string(trim(line.substr(colon + 1))));
}

std::string Response::reason() const {
  if (!m_reason.empty()) return m_reason;
  const auto* const found = std::ranges::find(k_reasons, m_status, &std::pair<int, const char*>::first);
  return found == k_reasons.end() ? std::string() : found->second;
}

std::string Response::get(std::string_view lower_name) const {
  const auto all = values(lower_name);
  return all.empty() ? std::string() : std::string(all.front());
}

job::Validators Response::validators() const {
  job::Validators sent{get("etag"), get("last-modified")};
  for (auto* const validator : {&sent.etag, &sent.last_modified})
    if (!is_field_value(*validator)) validator->clear();
  return sent;
}

std::vector<std::string_view> Response::values(std::string_view lower_name) const {
  std::vector<std::string_view> result;
  for (const auto& [name, value] : m_fields)
    if (name == lower_name) result.emplace_back(value);
  return result;
}

bool Response::ends_with_connection() const {
  return (m_version == Version::http_1_0 || m_version == Version::http_1_1) && !m_content_length &&
         values("transfer-encoding").empty();
}

bool Response::redirects() const {
  return m_status >= 300 && m_status < 400 && !get("location").empty();
}

std::optional<std::string> Response::check() {
  if (m_fault) return m_fault;
  if (auto fault = check_transfer_coding()) return fault;
  if (auto fault = check_content_length()) return fault;
  for (const auto* const name : {"etag", "last-modified", "content-range"}) {
    const auto all = values(name);
    if (std::ranges::adjacent_find(all, std::ranges::not_equal_to()) != all.end())
      return "it sent several different " + std::string(name) + " fields";
  }
  return std::nullopt;
}

std::optional<std::string> Response::check_transfer_coding() const {
  const auto codings = values("transfer-encoding");
  if (codings.empty()) return std::nullopt;
  // Said twice it is still one coding, as libcurl and browsers take it.
  for (const auto list : codings)
    for (const auto coding : elements(list))
      if (lower_case(coding) != "chunked") return "it used a transfer coding that was not asked for";
  if (m_version == Version::http_1_0) return "it used a transfer coding in HTTP/1.0";
  if (!values("content-length").empty()) return "it sent a Content-Length with a Transfer-Encoding";
  return std::nullopt;
}

std::optional<std::string> Response::check_content_length() {
  for (const auto list : values("content-length")) {
    // "5, 5" is the same as two fields, RFC 9110 §8.6.
    for (const auto text : elements(list)) {
      const auto length = parse_decimal(text);
      if (!length) return "its Content-Length is not a length";
      if (m_content_length && m_content_length != length) return "it sent several different Content-Lengths";
      m_content_length = length;
    }
  }
  return std::nullopt;
}

std::vector<std::string> Response::content_codings() const {
  std::vector<std::string> codings;
  for (const auto list : values("content-encoding"))
    for (const auto element : elements(list))
      if (auto coding = lower_case(element); !coding.empty() && coding != "identity" && coding != "none")
        codings.push_back(presentable(coding));
  return codings;
}

std::optional<Microseconds> parse_retry_after(const std::string& text, Microseconds now) {
  constexpr std::int64_t k_max = 10LL * 365 * 24 * 60 * 60;  // s; whoever asks for more means never
  if (text.empty()) return std::nullopt;
  if (std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; })) {
    const auto seconds = parse_decimal(text).value_or(k_max);
    return std::chrono::seconds(std::min<std::uint64_t>(seconds, k_max));
  }
  const auto date = curl::parse_date(text);
  if (!date) return std::nullopt;
  const auto current = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  return std::chrono::seconds(std::clamp<std::int64_t>(*date - current, 0, k_max));
}

}  // namespace concd::engine
