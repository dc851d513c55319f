#pragma once

#include <cstdint>

struct stat;

namespace concd::job {

/// What tells whether a file or folder is still what it was: whoever writes to a file, replaces it or sets
/// its times changes one of these. stat(2); all 0: not known. A folder's tells of the names in it, not of
/// what is below those.
struct FileStamp {
  std::uint64_t inode = 0;
  std::int64_t mtime = 0;  ///< ns since the epoch
  std::int64_t ctime = 0;  ///< ns since the epoch
  bool operator==(const FileStamp&) const = default;
};

[[nodiscard]] FileStamp stamp_of(const struct stat& status) noexcept;
/// Of an open file or folder. Throws std::system_error.
[[nodiscard]] FileStamp stamp_of(int fd);

}  // namespace concd::job
