#include "job/file_stamp.hpp"

#include <sys/stat.h>

#include "util/errno_error.hpp"

namespace concd::job {
namespace {

std::int64_t nanoseconds(const timespec& time) {
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

}  // namespace

FileStamp stamp_of(const struct stat& status) noexcept {
  return {status.st_ino, nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
}

FileStamp stamp_of(int fd) {
  struct stat status{};
  check_errno(::fstat(fd, &status), "cannot look at an open file");
  return stamp_of(status);
}

}  // namespace concd::job
