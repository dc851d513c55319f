#pragma once

#include <cstdint>

namespace concd {

/// The file system that a file or folder is on, in bytes.
struct DiskSpace {
  std::uint64_t free = 0;  ///< for those who are not root
  std::uint64_t total = 0;
};

/// Of an open descriptor, fstatvfs(3). Throws std::system_error.
[[nodiscard]] DiskSpace disk_space(int fd);

/// How many bytes of a file system of `total` bytes are kept free: `min_free` or, where that is 0, 5 % of it
/// and at most 1 GiB.
[[nodiscard]] std::uint64_t kept_free(std::uint64_t min_free, std::uint64_t total);

}  // namespace concd
