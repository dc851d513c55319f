#include "worker/plausible.hpp"

#include <spdlog/fmt/fmt.h>
#include <sys/stat.h>

#include "util/errno_error.hpp"
#include "util/field_value.hpp"

namespace concd::worker {
namespace {

/// The partial file of that number that the worker was handed; null: there is none.
job::SharedFd part_of(const job::Task& task, std::uint32_t part) {
  if (part == 0) return nullptr;
  if (part == task.fresh_part) return task.fresh;
  return part == task.checkpoint.part ? task.kept : nullptr;
}

/// Bytes.
std::uint64_t size_of(const job::SharedFd& file) {
  struct stat status{};
  check_errno(::fstat(file->get(), &status), "look at a partial file");
  return static_cast<std::uint64_t>(status.st_size);
}

bool is_url_of(const job::Task& task, const std::string& url) {
  return url.empty() || url == task.url || url == task.checkpoint.url;
}

/// Validators go into requests, and no worker writes those for another.
std::optional<std::string> offence_of(const job::Validators& reported) {
  if (is_field_value(reported.etag) && is_field_value(reported.last_modified)) return std::nullopt;
  return "reported a validator with control characters";
}

job::Failure refuted(std::string message) {
  return {job::FailureKind::verification, job::RetryClass::none, std::move(message)};
}

}  // namespace

std::optional<std::string> offence_of(const job::Checkpoint& reported, const job::Task& task) {
  if (!is_url_of(task, reported.url)) return "named a URL that it was not given";
  if (auto offence = offence_of(reported.validators)) return offence;
  if (reported.part == 0 && reported.extents.empty()) return std::nullopt;
  const auto file = part_of(task, reported.part);
  if (!file) return fmt::format("named the partial file {}, which it was not given", reported.part);
  if (reported.extents.empty()) return std::nullopt;
  const auto end = end_of(reported.extents);
  const auto size = size_of(file);
  if (end <= size) return std::nullopt;
  return fmt::format("says that {} bytes are synced, the file has {}", end, size);
}

std::optional<std::string> offence_of(const job::Outcome& reported, const job::Task& task) {
  using Kind = job::Outcome::Kind;
  if (reported.kind == Kind::unchanged && task.published.empty())
    return "says that the published file is still right, and was not asked";
  for (const auto& dropped : reported.dropped)
    if (dropped.index >= task.mirrors.size()) return "dropped a mirror that it was not given";
  // A delivered outcome is an answer to the task, right or wrong: see mismatch().
  if (reported.kind == Kind::delivered) return std::nullopt;
  if (auto offence = offence_of(reported.validators)) return offence;
  return offence_of(reported.checkpoint, task);
}

std::optional<job::Failure> mismatch(const job::Outcome& delivered, const job::Task& task) {
  const auto file = part_of(task, delivered.checkpoint.part);
  if (!file)
    return refuted(
        fmt::format("the worker says that {} bytes are in the partial file {}, which it was not given",
                    delivered.size, delivered.checkpoint.part));
  if (const auto size = size_of(file); size != delivered.size)
    return refuted(fmt::format("the worker says {} bytes, the file has {}", delivered.size, size));
  if (const auto offence = offence_of(delivered.validators)) return refuted("the worker " + *offence);
  if (const auto offence = offence_of(delivered.checkpoint, task)) return refuted("the worker " + *offence);
  return std::nullopt;
}

}  // namespace concd::worker
