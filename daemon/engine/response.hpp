#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "job/checkpoint.hpp"
#include "util/clock.hpp"

namespace concd::engine {

/// The head of one HTTP response, gathered line by line as libcurl hands it over, with the checks that
/// libcurl leaves out: contradicting lengths and unknown transfer codings are errors, RFC 9112 §6.
class Response {
 public:
  /// A status line; forgets the response before it (a 1xx, a redirect).
  void begin(std::string_view line);
  /// A header line, without its line end. A line that begins with space goes on the one before.
  void add(std::string_view line);

  /// A status line has come.
  [[nodiscard]] bool begun() const { return m_version != Version::none; }
  [[nodiscard]] int status() const { return m_status; }
  /// The reason phrase or, where there is none, what the status is commonly called; e.g. "Not Found".
  [[nodiscard]] std::string reason() const;
  /// The first value of the field; empty when it was not sent.
  [[nodiscard]] std::string get(std::string_view lower_name) const;
  /// As sent; empty where it holds control characters, because it goes back to a server some day.
  [[nodiscard]] job::Validators validators() const;
  /// Nothing when there is none, or when a transfer coding makes it void.
  [[nodiscard]] std::optional<std::uint64_t> content_length() const { return m_content_length; }
  /// Content-Encoding in lower case, without what means none ("identity", and "none" of old servers).
  [[nodiscard]] std::vector<std::string> content_codings() const;
  /// Whether only the connection's end tells where the body ends, RFC 9112 §6.3.
  [[nodiscard]] bool ends_with_connection() const;
  /// Whether the status and Location make it a redirect.
  [[nodiscard]] bool redirects() const;

  /// Call once the head is complete: what is wrong with how the body is framed, nothing if all is well.
  [[nodiscard]] std::optional<std::string> check();

 private:
  enum class Version { none, http_1_0, http_1_1, later };

  [[nodiscard]] std::vector<std::string_view> values(std::string_view lower_name) const;
  [[nodiscard]] std::optional<std::string> check_transfer_coding() const;
  [[nodiscard]] std::optional<std::string> check_content_length();

  int m_status = 0;
  Version m_version = Version::none;
  std::string m_reason;
  std::vector<std::pair<std::string, std::string>> m_fields;  ///< lower-case names
  std::optional<std::uint64_t> m_content_length;
  std::optional<std::string> m_fault;
};

/// Retry-After, RFC 9110 §10.2.3: seconds, or a date that is compared with `now` (µs since the epoch). At
/// most ten years; nothing when it makes no sense.
[[nodiscard]] std::optional<Microseconds> parse_retry_after(const std::string& text, Microseconds now);

}  // namespace concd::engine
