#include "engine/validators.hpp"

#include <algorithm>
#include <charconv>

#include "lib/curl/date.hpp"
#include "util/field_value.hpp"

namespace concd::engine {
namespace {

// RFC 9110 wants a second and some trust in the clocks; its forerunners wanted a minute and no trust.
constexpr std::int64_t k_settled_seconds = 60;

bool is_etag_character(unsigned char c) {
  return c == 0x21 || (c >= 0x23 && c != 0x7f);
}

}  // namespace

bool is_strong_etag(std::string_view etag) {
  if (etag.size() < 2 || etag.front() != '"' || etag.back() != '"') return false;
  return std::ranges::all_of(etag.substr(1, etag.size() - 2), is_etag_character);
}

bool is_strong_last_modified(const std::string& last_modified, const std::string& date) {
  if (!is_field_value(last_modified)) return false;
  const auto changed = curl::parse_date(last_modified);
  const auto answered = curl::parse_date(date);
  return changed && answered && *answered - *changed >= k_settled_seconds;
}

job::Validators resumable(const job::Validators& answered, const std::string& date) {
  if (!answered.etag.empty()) {
    if (is_strong_etag(answered.etag)) return {answered.etag, {}};
    return {};
  }
  if (is_strong_last_modified(answered.last_modified, date)) return {{}, answered.last_modified};
  return {};
}

job::Validators common(const job::Validators& answered, const std::string& date) {
  if (is_strong_last_modified(answered.last_modified, date)) return {{}, answered.last_modified};
  return resumable(answered, date);
}

std::string if_range_of(const job::Validators& validators) {
  if (is_strong_etag(validators.etag)) return validators.etag;
  const bool by_time = validators.etag.empty() && is_field_value(validators.last_modified);
  return by_time ? validators.last_modified : std::string();
}

ResumePlan plan_resume(const job::Task& task, std::uint64_t partial_size) {
  const auto& checkpoint = task.checkpoint;
  const auto durable = checkpoint.durable_front();
  const auto end = end_of(checkpoint.extents);
  if (durable == 0 || partial_size < end || checkpoint.url != task.url) return {};
  if (checkpoint.total && *checkpoint.total < end) return {};
  if (task.size && *task.size < end) return {};
  ResumePlan plan;
  plan.offset = durable;
  plan.total = checkpoint.total;
  plan.validators = checkpoint.validators;
  plan.if_range = if_range_of(checkpoint.validators);
  if (plan.if_range.empty() && !task.digest) return {};
  if (plan.total == durable) --plan.offset;
  if (plan.offset == 0) return {};
  return plan;
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  // A signed type bounds the value, and the first digit keeps its sign out.
  if (text.starts_with('-')) return std::nullopt;
  std::int64_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto [position, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || position != end) return std::nullopt;
  return static_cast<std::uint64_t>(value);
}

std::optional<ContentRange> parse_content_range(std::string_view text) {
  constexpr std::string_view k_unit = "bytes ";
  if (text.size() < k_unit.size()) return std::nullopt;
  const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
  if (!std::ranges::equal(text.substr(0, k_unit.size()), k_unit, same)) return std::nullopt;
  text.remove_prefix(k_unit.size());
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto range = text.substr(0, slash);
  const auto total = text.substr(slash + 1);
  ContentRange result;
  if (total != "*") {
    result.total = parse_decimal(total);
    if (!result.total) return std::nullopt;
  }
  if (range == "*") return result.total ? std::optional(result) : std::nullopt;
  const auto dash = range.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  result.first = parse_decimal(range.substr(0, dash));
  result.last = parse_decimal(range.substr(dash + 1));
  if (!result.first || !result.last || *result.last < *result.first) return std::nullopt;
  if (result.total && *result.last >= *result.total) return std::nullopt;
  return result;
}

std::optional<std::string> refuse_partial(const ResumePlan& plan, const PartialAnswer& answer) {
  const auto range = parse_content_range(answer.content_range);
  if (!range || !range->first) return "its Content-Range makes no sense";
  if (*range->first != plan.offset) return "it begins at another byte than was asked for";
  if (!range->total) return "it does not tell the whole length";
  const auto last = plan.last.value_or(*range->total - 1);
  if (*range->last != last) return "it ends at another byte than was asked for";
  if (plan.total && *plan.total != *range->total) return "the whole length has changed";
  if (answer.content_length && *answer.content_length != last - plan.offset + 1)
    return "its Content-Length contradicts its Content-Range";
  if (!plan.validators.etag.empty() && !answer.validators.etag.empty() &&
      plan.validators.etag != answer.validators.etag)
    return "its ETag is another one";
  if (plan.validators.etag.empty() && !plan.validators.last_modified.empty() &&
      !answer.validators.last_modified.empty() &&
      plan.validators.last_modified != answer.validators.last_modified)
    return "its Last-Modified is another one";
  return std::nullopt;
}

}  // namespace concd::engine
