#include "engine/tree.hpp"

#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/crash_point.hpp"
#include "util/errno_error.hpp"
#include "util/file.hpp"

namespace concd::engine {
namespace {

bool is_folder(const std::filesystem::path& path) {
  struct stat status{};
  return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool is_there(const std::filesystem::path& path) {
  struct stat status{};
  return ::lstat(path.c_str(), &status) == 0;
}

}  // namespace

void sync_tree(const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto status = entry.symlink_status();
    if (std::filesystem::is_directory(status)) {
      sync_tree(entry.path());
    } else if (std::filesystem::is_regular_file(status)) {
      const auto fd = open_file(entry.path(), O_RDONLY | O_NOFOLLOW);
      check_errno(::fsync(fd.get()), "cannot sync " + entry.path().string());
      crash_point("tree.synced");
    }
  }
  sync_folder(folder);
}

void replace_by(const std::filesystem::path& from, const std::filesystem::path& to) {
  const bool exchange = is_there(to) && (is_folder(from) || is_folder(to));
  const unsigned flags = exchange ? RENAME_EXCHANGE : 0;
  check_errno(::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags),
              "cannot publish " + to.string());
}

}  // namespace concd::engine
