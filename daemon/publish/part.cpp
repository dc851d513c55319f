#include "publish/part.hpp"

#include <cstdint>
#include <string>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include "publish/verify.hpp"
#include "util/crash_point.hpp"
#include "util/errno_error.hpp"

namespace concd::publish {
namespace {

constexpr std::int64_t k_microseconds = 1'000'000;

std::string about(const char* operation, const Publication& publication) {
  return std::string("cannot ") + operation + " " + publication.part.string();
}

bool is_whole(const Publication& publication) {
  struct stat status{};
  check_errno(::fstat(publication.file->get(), &status), about("look at", publication));
  return static_cast<std::uint64_t>(status.st_size) == publication.size;
}

/// Its name is the caller's concern.
bool keep_in_place(const Publication& publication) noexcept {
  try {
    if (!is_whole(publication)) return false;
    sync_part(publication);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace

void set_attributes(const Publication& publication) {
  const int fd = publication.file->get();
  check_errno(::fchmod(fd, publication.mode), about("set the mode of", publication));
  crash_point("part.mode_set");
  const auto mtime = publication.mtime.count();
  if (mtime <= 0) return;
  const timespec times[2] = {{0, UTIME_OMIT}, {mtime / k_microseconds, mtime % k_microseconds * 1000}};
  check_errno(::futimens(fd, times), about("set the time of", publication));
  crash_point("part.time_set");
}

void sync_part(const Publication& publication) {
  check_errno(::fsync(publication.file->get()), about("sync", publication));
  crash_point("publish.synced");
}

bool keep_part(const Publication& publication, FolderSync& folders) noexcept {
  if (publication.in_place) return keep_in_place(publication);
  try {
    // It may have been renamed already when the trouble came.
    if (!is_linked(publication.file->get(), publication.part)) return false;
    if (is_whole(publication)) {
      sync_part(publication);
      if (!folders.sync(publication.part.parent_path())) {
        crash_point("publish.kept");
        return true;
      }
    }
  } catch (const std::exception&) {
    // Deleted below: what cannot be synced cannot be continued.
  }
  remove_part(publication);
  return false;
}

void remove_part(const Publication& publication) noexcept {
  // What is in it counts no more; the name is the caller's.
  if (publication.in_place) return;
  ::unlink(publication.part.c_str());
  crash_point("part.removed");
}

Result failed_and_kept(const Publication& publication, job::Failure failure, FolderSync& folders) noexcept {
  return {Result::Kind::failed, std::move(failure), keep_part(publication, folders)};
}

Result failed_and_removed(const Publication& publication, job::Failure failure) noexcept {
  remove_part(publication);
  return {Result::Kind::failed, std::move(failure), false};
}

Result stopped_and_kept(const Publication& publication, FolderSync& folders) noexcept {
  return {Result::Kind::stopped, std::nullopt, keep_part(publication, folders)};
}

}  // namespace concd::publish
