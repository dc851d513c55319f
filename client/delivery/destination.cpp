#include "client/delivery/destination.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "client/delivery/new_file.hpp"
#include "client/output/language.hpp"
#include "util/errno_error.hpp"

namespace concd::client {
namespace {

/// How far a file's time may be behind the one it was given: FAT stores even seconds only.
constexpr Microseconds k_coarsest_time = std::chrono::seconds(2);

/// True when this is the job's file, by size and time as rsync(1) looks at it. Where the server told no time,
/// the copy has the time when it was made, after the job's end.
bool is_copy(const struct stat& status, const job::View& job) {
  if (!S_ISREG(status.st_mode) || static_cast<std::uint64_t>(status.st_size) != job.progress.received)
    return false;
  const Microseconds mtime(status.st_mtim.tv_sec * 1'000'000 + status.st_mtim.tv_nsec / 1000);
  if (job.mtime == Microseconds::zero()) return mtime > job.finished - k_coarsest_time;
  return mtime <= job.mtime && mtime > job.mtime - k_coarsest_time;
}

/// Where the job's file was copied to, at the remembered path or under the next names; empty when it is not
/// there. Nothing tells which name a copy got.
std::string copy_of(const FollowedRequest& request) {
  if (!request.remembered) return {};
  struct stat status{};
  for (unsigned number = 0;; ++number) {
    const auto path = numbered(*request.remembered, number);
    if (::stat(path.c_str(), &status) != 0) return {};
    if (is_copy(status, *request.job)) return path;
  }
}

}  // namespace

std::filesystem::path resolve_output(const std::filesystem::path& output, const std::string& name) {
  const auto absolute = std::filesystem::absolute(output);
  std::error_code error;
  const bool folder = !absolute.has_filename() || std::filesystem::is_directory(absolute, error);
  return folder ? absolute / name : absolute;
}

void check_folder_of(const std::filesystem::path& file) {
  const auto folder = file.parent_path();
  struct stat status{};
  check_errno(::stat(folder.c_str(), &status), folder.string());
  if (!S_ISDIR(status.st_mode)) throw errno_error(folder.string(), ENOTDIR);
  check_errno(::access(folder.c_str(), W_OK | X_OK), folder.string());
}

bool is_special(const std::filesystem::path& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

std::string special_text() {
  return _("a device, a pipe or a socket is there");
}

bool is_to_be_fetched(const FollowedRequest& request, uid_t uid) {
  if (request.output) return true;
  const auto& job = *request.job;
  const bool has_file = job.state != job::State::failed && job.state != job::State::cancelled;
  if (!has_file || job.released || job.uid != uid) return false;
  return job.name.empty() || (request.remembered && copy_of(request).empty());
}

bool lacks_place(const FollowedRequest& request, uid_t uid) {
  return !request.remembered && !request.output && is_to_be_fetched(request, uid);
}

std::filesystem::path target_of(const FollowedRequest& request, const std::string& name) {
  if (!request.output) return request.remembered.value();
  // That of a download was resolved before the job was asked for.
  return request.download ? *request.output : resolve_output(*request.output, name);
}

std::string place_of(const FollowedRequest& request) {
  const auto copy = copy_of(request);
  return copy.empty() ? request.job->path : copy;
}

}  // namespace concd::client
