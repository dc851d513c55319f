#include "util/local_disks.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "util/errno_error.hpp"
#include "util/file.hpp"

namespace concd {
namespace {

// A name of proc(5), not its number: fstatfs(2), which tells that, may wait.
constexpr std::array<std::string_view, 16> k_local{
    "ext2",   "ext3", "ext4", "xfs",   "btrfs", "f2fs",  "bcachefs", "jfs",
    "nilfs2", "zfs",  "vfat", "exfat", "tmpfs", "ramfs", "overlay",  "reiserfs"};

/// A line of mountinfo, proc(5): "ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAG…] - TYPE SOURCE OPTIONS".
std::optional<dev_t> local_device(const std::string& line) {
  std::istringstream words(line);
  std::string word, device, type;
  words >> word >> word >> device;
  while (words >> word && word != "-") continue;
  words >> type;
  unsigned major = 0, minor = 0;
  if (std::sscanf(device.c_str(), "%u:%u", &major, &minor) != 2) return std::nullopt;
  if (std::ranges::find(k_local, type) == k_local.end()) return std::nullopt;
  return makedev(major, minor);
}

}  // namespace

LocalDisks::LocalDisks() : m_mounts(open_file("/proc/self/mountinfo", O_RDONLY)) {
  read();
}

bool LocalDisks::have(int fd) {
  pollfd changed{m_mounts.get(), POLLPRI, 0};
  if (::poll(&changed, 1, 0) > 0) read();
  struct statx status{};
  // What is known of it already is enough: its device never changes.
  if (::statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &status) != 0) return false;
  return m_devices.contains(makedev(status.stx_dev_major, status.stx_dev_minor));
}

void LocalDisks::read() {
  constexpr std::size_t k_longest = 16 << 20;
  m_devices.clear();
  check_errno(::lseek(m_mounts.get(), 0, SEEK_SET), "/proc/self/mountinfo");
  std::istringstream lines(read_text(m_mounts.get(), "/proc/self/mountinfo", k_longest));
  for (std::string line; std::getline(lines, line);)
    if (const auto device = local_device(line)) m_devices.insert(*device);
}

}  // namespace concd
