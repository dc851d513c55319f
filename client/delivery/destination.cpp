#include "client/delivery/destination.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "util/errno_error.hpp"

namespace concd::client {
namespace {

/// True when the file at the job's output is this very file, by size and time as rsync(1) looks at it:
/// nothing tells the daemon that a name's copy was made.
bool is_copied(const job::Job& job) {
  struct stat status{};
  if (job.mtime == Microseconds::zero() || ::stat(job.spec.output.c_str(), &status) != 0) return false;
  const Microseconds mtime(status.st_mtim.tv_sec * 1'000'000 + status.st_mtim.tv_nsec / 1000);
  return S_ISREG(status.st_mode) && mtime == job.mtime &&
         static_cast<std::uint64_t>(status.st_size) == job.progress.received;
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

bool is_to_be_fetched(const job::Job& job, uid_t uid) {
  if (job.released || job.peer.uid != uid) return false;
  if (job.spec.name.empty()) return true;
  return !job.spec.output.empty() && !is_copied(job);
}

std::filesystem::path default_target(const job::Job& job, const std::string& name) {
  return job.spec.output.empty() ? std::filesystem::current_path() / name
                                 : std::filesystem::path(job.spec.output);
}

std::string place_of(const job::Job& job) {
  std::error_code error;
  const auto& copy = job.spec.output;
  if (!copy.empty() && std::filesystem::exists(copy, error)) return copy;
  return job.path;
}

}  // namespace concd::client
