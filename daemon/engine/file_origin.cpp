#include "engine/file_origin.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fcntl.h>

#include "job/local_failure.hpp"
#include "lib/curl/url.hpp"
#include "util/beneath.hpp"
#include "util/errno_error.hpp"
#include "util/file.hpp"
#include "util/url.hpp"

namespace concd::engine {
namespace {

namespace fs = std::filesystem;
using job::Failure;
using job::FailureKind;
using job::RetryClass;

constexpr std::size_t k_read_size = 512 * 1024;

/// The part of `path` below `root`; nothing when it is not there. Both are canonical.
std::optional<fs::path> below(const fs::path& root, const fs::path& path) {
  const auto [end_of_root, remainder] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  if (end_of_root != root.end() || remainder == path.end()) return std::nullopt;
  fs::path result;
  for (auto part = remainder; part != path.end(); ++part) result /= *part;
  return result;
}

UniqueFd open_below(const fs::path& root, const fs::path& remainder) {
  const auto folder = open_file(root, O_PATH | O_DIRECTORY);
  // Non-blocking, or a FIFO would hold up the thread until somebody writes to it.
  return open_beneath(folder.get(), remainder, O_RDONLY | O_NOCTTY | O_NONBLOCK, 0,
                      "cannot open " + (root / remainder).string());
}

std::int64_t nanoseconds(const timespec& time) {
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

}  // namespace

FileOrigin::FileOrigin(std::string url, const std::vector<fs::path>& roots, ResumePlan plan,
                       job::Validators published, Microseconds now, Sink& sink)
    : m_url(std::move(url)),
      m_roots(roots),
      m_plan(std::move(plan)),
      m_published(std::move(published)),
      m_sink(sink),
      m_due(now) {}

bool FileOrigin::serves(const std::string& url) {
  constexpr std::string_view k_scheme = "file:";
  const auto same = [](char a, char b) { return (a | 0x20) == b || a == b; };
  return url.size() >= k_scheme.size() && std::equal(k_scheme.begin(), k_scheme.end(), url.begin(),
                                                     [&](char b, char a) { return same(a, b); });
}

void FileOrigin::open() {
  const auto wanted = fs::path(curl::Url(m_url).decoded_path());
  std::error_code error;
  const auto path = fs::canonical(wanted, error);
  if (error) throw errno_error("cannot open " + wanted.string(), error.value());
  for (const auto& root : m_roots) {
    const auto canonical = fs::canonical(root, error);
    if (error) continue;
    const auto remainder = below(canonical, path);
    if (!remainder) continue;
    m_file = open_below(canonical, *remainder);
    check_errno(::fstat(m_file.get(), &m_status), path.string());
    if (!S_ISREG(m_status.st_mode)) throw errno_error("not a regular file: " + path.string(), EINVAL);
    return;
  }
  throw errno_error("not below a folder that file_roots of the configuration allows: " + wanted.string(),
                    EACCES);
}

Answer FileOrigin::answer() const {
  Answer answer;
  answer.total = static_cast<std::uint64_t>(m_status.st_size);
  answer.mtime = Microseconds(nanoseconds(m_status.st_mtim) / 1000);
  answer.validators.etag = "\"" + std::to_string(m_status.st_ino) + "-" + std::to_string(m_status.st_size) +
                           "-" + std::to_string(nanoseconds(m_status.st_mtim)) + "-" +
                           std::to_string(nanoseconds(m_status.st_ctim)) + "\"";
  answer.resumable = answer.validators;
  answer.unchanged = m_plan.offset == 0 && m_published.etag == answer.validators.etag;
  if (m_plan.if_range == answer.validators.etag && m_plan.offset < *answer.total)
    answer.offset = m_plan.offset;
  return answer;
}

bool FileOrigin::changed() const {
  struct stat now{};
  return ::fstat(m_file.get(), &now) != 0 || now.st_size != m_status.st_size ||
         nanoseconds(now.st_mtim) != nanoseconds(m_status.st_mtim) ||
         nanoseconds(now.st_ctim) != nanoseconds(m_status.st_ctim);
}

void FileOrigin::begin() {
  try {
    open();
  } catch (const std::exception& error) {
    // The origin cannot give the file: another mirror may.
    auto failure = job::failure_of(error);
    const auto* const system = dynamic_cast<const std::system_error*>(&error);
    const bool passing =
        system != nullptr && (system->code().value() == EMFILE || system->code().value() == ENFILE);
    failure.kind = FailureKind::file;
    failure.retry_class = passing ? RetryClass::local_resource : RetryClass::mirror;
    return m_sink.end(std::move(failure));
  }
  const auto head = answer();
  if (!m_sink.accept(head) || head.unchanged) return m_sink.end(std::nullopt);
  m_offset = head.offset;
  m_buffer.resize(k_read_size);
}

void FileOrigin::advance(Microseconds now) {
  m_due = now;
  if (!std::exchange(m_begun, true)) return begin();
  const auto count = ::pread(m_file.get(), m_buffer.data(), m_buffer.size(), static_cast<off_t>(m_offset));
  if (count < 0 && errno == EINTR) return;
  if (count < 0) return m_sink.end(job::failure_of_errno(errno, "cannot read " + redact_url(m_url)));
  if (count > 0) {
    m_offset += static_cast<std::uint64_t>(count);
    if (!m_sink.write({m_buffer.data(), static_cast<std::size_t>(count)})) m_sink.end(std::nullopt);
    return;
  }
  if (changed())
    return m_sink.end(Failure{FailureKind::file, RetryClass::retry,
                              redact_url(m_url) + " was changed while it was being read"});
  m_sink.end(std::nullopt);
}

}  // namespace concd::engine
