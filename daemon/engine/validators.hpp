#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "job/executor.hpp"

namespace concd::engine {

/// A well-formed entity tag that is not weak, RFC 9110 §8.8.3: the only kind that If-Range may carry.
[[nodiscard]] bool is_strong_etag(std::string_view etag);

/// Whether a Last-Modified may serve as a strong validator, RFC 9110 §8.8.2.2: the origin sent it (`date`,
/// its own clock's time of the answer) long enough after the change that no second change fits in the same
/// second.
[[nodiscard]] bool is_strong_last_modified(const std::string& last_modified, const std::string& date);

/// What of an answer's validators may be kept to continue its bytes later, RFC 9110 §13.1.5: a strong ETag;
/// a strong Last-Modified only where there is no ETag at all. Empty when nothing may.
[[nodiscard]] job::Validators resumable(const job::Validators& answered, const std::string& date);

/// What of an answer's validators other servers of the same file may have: a strong Last-Modified, which
/// mirrors keep; else a strong ETag, which many make of time and length. Empty when nothing may.
[[nodiscard]] job::Validators common(const job::Validators& answered, const std::string& date);

/// The value of an If-Range that asks for the version with these validators, RFC 9110 §13.1.5; empty when
/// they do not serve for that.
[[nodiscard]] std::string if_range_of(const job::Validators& validators);

/// How an attempt begins.
struct ResumePlan {
  std::uint64_t offset = 0;             ///< the first byte to ask for
  std::string if_range;                 ///< value of If-Range; empty with an offset: a digest will decide
  std::optional<std::uint64_t> total;   ///< the length that was told before
  job::Validators validators;           ///< of the bytes that are here
  std::optional<std::uint64_t> last{};  ///< the last byte, and these bytes or none; nothing: to the end

  /// Otherwise the whole file.
  [[nodiscard]] bool is_range() const { return offset > 0 || last; }
  bool operator==(const ResumePlan&) const = default;
};

/// Decides whether the partial file is continued; `partial_size` is its length in bytes now. When all bytes
/// are here the last one is asked for again, so that the origin has to confirm them.
[[nodiscard]] ResumePlan plan_resume(const job::Task& task, std::uint64_t partial_size);

/// Content-Range, RFC 9110 §14.4: "bytes FIRST-LAST/TOTAL", "bytes FIRST-LAST/*" or "bytes */TOTAL".
struct ContentRange {
  std::optional<std::uint64_t> first, last;  ///< nothing in an unsatisfied range
  std::optional<std::uint64_t> total;        ///< nothing where it is "*"

  bool operator==(const ContentRange&) const = default;
};
/// Nothing when the text is not such a range or contradicts itself.
[[nodiscard]] std::optional<ContentRange> parse_content_range(std::string_view text);

/// What a 206 said.
struct PartialAnswer {
  std::string_view content_range;
  std::optional<std::uint64_t> content_length;
  job::Validators validators;
};
/// Why a 206 does not continue the partial file; nothing when it does, from exactly the byte that was asked
/// for to the end of a file of the same length and version.
[[nodiscard]] std::optional<std::string> refuse_partial(const ResumePlan& plan, const PartialAnswer& answer);

/// Decimal digits only: no sign, no space, at most 2^63-1, what off_t, SQLite and JSON of clients can hold.
[[nodiscard]] std::optional<std::uint64_t> parse_decimal(std::string_view text);

}  // namespace concd::engine
