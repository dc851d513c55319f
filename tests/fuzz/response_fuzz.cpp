// The head of an HTTP response, a line after the other: what a server says of lengths, ranges, times and
// versions.

#include <algorithm>
#include <limits>
#include <string>

#include "engine/content_coding.hpp"
#include "engine/response.hpp"
#include "engine/validators.hpp"
#include "expect.hpp"
#include "lib/curl/date.hpp"
#include "util/field_value.hpp"

namespace {

using namespace concd;
using fuzz::expect;

constexpr auto k_largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
constexpr Microseconds k_now = std::chrono::hours(500'000);
constexpr Microseconds k_ten_years = std::chrono::hours(10 * 365 * 24);

void check_range(const engine::ContentRange& range) {
  expect(range.total.value_or(0) <= k_largest);
  expect(range.first.has_value() == range.last.has_value());
  if (!range.first) return expect(range.total.has_value());
  expect(*range.first <= *range.last);
  expect(*range.last < range.total.value_or(std::numeric_limits<std::uint64_t>::max()));
}

/// A 206 that is taken goes on at the byte that was asked for.
void check_partial(const engine::Response& response, const std::string& text) {
  const engine::ResumePlan plan{17, "\"1\"", std::nullopt, {"\"1\"", ""}};
  const auto refusal = engine::refuse_partial(plan, {text, response.content_length(), response.validators()});
  const auto range = engine::parse_content_range(text);
  if (range) check_range(*range);
  if (!refusal) expect(range && range->first == plan.offset && *range->last + 1 == range->total);
}

void check_validators(const engine::Response& response) {
  const auto sent = response.validators();
  expect(is_field_value(sent.etag) && is_field_value(sent.last_modified));
  const auto kept = engine::resumable(sent, response.get("date"));
  expect(kept.etag.empty() || (kept.etag == sent.etag && engine::is_strong_etag(kept.etag)));
  expect(kept.last_modified.empty() || sent.etag.empty());
}

void check_times(const engine::Response& response) {
  if (const auto span = engine::parse_retry_after(response.get("retry-after"), k_now))
    expect(*span >= Microseconds{} && *span <= k_ten_years);
  for (const auto* const name : {"date", "last-modified"})
    static_cast<void>(curl::parse_date(response.get(name)));
}

void check_coding(const engine::Response& response) {
  const auto codings = response.content_codings();
  const auto coding = engine::coding_of(response, "http://localhost/file", response.get("location"));
  if (codings.empty()) expect(coding == engine::BodyCoding::plain);
  if (codings.size() > 1) expect(coding == engine::BodyCoding::foreign);
  const auto is_none = [](const auto& name) { return name.empty() || name == "identity" || name == "none"; };
  expect(std::ranges::none_of(codings, is_none));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  engine::Response response;
  const auto lines = fuzz::lines_of(fuzz::text_of(data, size));
  response.begin(lines.front());
  for (std::size_t i = 1; i < lines.size(); ++i) response.add(lines[i]);
  const auto fault = response.check();
  expect(response.status() >= 0 && response.status() <= 999);
  const auto plain = [](unsigned char c) { return c >= 0x20 && c <= 0x7e; };
  expect(std::ranges::all_of(response.reason(), plain));
  if (!fault) expect(response.content_length().value_or(0) <= k_largest);
  static_cast<void>(response.redirects());
  static_cast<void>(response.ends_with_connection());
  check_validators(response);
  check_partial(response, response.get("content-range"));
  check_times(response);
  check_coding(response);
  return 0;
}
