#include "engine/size_check.hpp"

#include <string>

#include "engine/failure_of.hpp"
#include "util/units.hpp"
#include "util/url.hpp"

namespace concd::engine {
namespace {

using job::Failure;
using job::FailureKind;
using job::RetryClass;

Failure unexpected(const std::string& found, std::uint64_t expected) {
  return {
      FailureKind::verification, RetryClass::mirror,
      "the file is not the expected one: " + found + " where " + std::to_string(expected) + " were expected"};
}

}  // namespace

std::optional<Failure> refuse_size(const job::Task& task, const Settings& settings, std::uint64_t size) {
  const auto limit = settings.max_size;
  if (limit != 0 && size > limit)
    return Failure{FailureKind::other, RetryClass::mirror,
                   redact_url(task.url) + " is larger than max_size allows (" + format_size(limit) + ")"};
  if (task.size && size > *task.size) return unexpected(std::to_string(size) + " bytes or more", *task.size);
  return std::nullopt;
}

std::optional<Failure> refuse_end(const job::Task& task, const std::optional<std::uint64_t>& total,
                                  std::uint64_t written) {
  if (total && written != *total)
    return Failure{FailureKind::network, RetryClass::retry,
                   server_name(task.url) + " closed the connection before the end"};
  if (task.size && written != *task.size) return unexpected(std::to_string(written) + " bytes", *task.size);
  return std::nullopt;
}

}  // namespace concd::engine
