#include "util/disk_space.hpp"

#include <algorithm>

#include <sys/statvfs.h>

#include "util/errno_error.hpp"

namespace concd {

DiskSpace disk_space(int fd) {
  struct statvfs status{};
  check_errno(::fstatvfs(fd, &status), "cannot look at the file system");
  return {static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize,
          static_cast<std::uint64_t>(status.f_blocks) * status.f_frsize};
}

std::uint64_t kept_free(std::uint64_t min_free, std::uint64_t total) {
  constexpr std::uint64_t k_most = 1ULL << 30;
  return min_free != 0 ? min_free : std::min(k_most, total / 20);
}

}  // namespace concd
