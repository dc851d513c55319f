#include "publish/tree.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include "publish/tree_walk.hpp"
#include "util/crash_point.hpp"
#include "util/errno_error.hpp"
#include "util/inside_path.hpp"
#include "util/shown.hpp"
#include "util/unique_fd.hpp"

namespace concd::publish {
namespace {

namespace fs = std::filesystem;
using Refusal = std::optional<std::string>;

/// Looks the entries of a tree over, one after the other.
class TreeCheck {
 public:
  explicit TreeCheck(dev_t device) : m_device(device) {}

  [[nodiscard]] Refusal refuse(const TreeEntry& entry) {
    if (++m_entries > k_max_tree_entries)
      return fmt::format("there are more than {} entries", k_max_tree_entries);
    if (!stays_inside(entry.path)) return "too long or too deep a path: " + name(entry);
    if (entry.status.st_uid != ::geteuid()) return "another user's: " + name(entry);
    if (entry.status.st_dev != m_device) return "on another file system: " + name(entry);
    if (S_ISDIR(entry.status.st_mode)) return refuse_mode(entry, {0755, 0755});
    if (S_ISREG(entry.status.st_mode)) return refuse_file(entry);
    if (S_ISLNK(entry.status.st_mode)) return refuse_link(entry);
    return "neither file, folder nor link: " + name(entry);
  }

  /// When all have been seen.
  [[nodiscard]] Refusal refuse_outer_names() const {
    const auto outside = [](const auto& file) { return file.second != 0; };
    if (std::ranges::none_of(m_unseen_names, outside)) return std::nullopt;
    return "a file has another name outside of the folder";
  }

 private:
  static std::string name(const TreeEntry& entry) { return shown(entry.path.c_str()); }

  static Refusal refuse_mode(const TreeEntry& entry, std::array<mode_t, 2> allowed) {
    const auto mode = entry.status.st_mode & 07777;
    if (std::ranges::find(allowed, mode) != allowed.end()) return std::nullopt;
    return fmt::format("the mode {:04o}: {}", mode, name(entry));
  }

  Refusal refuse_file(const TreeEntry& entry) {
    if (entry.status.st_nlink > 1)
      --m_unseen_names.try_emplace(entry.status.st_ino, entry.status.st_nlink).first->second;
    return refuse_mode(entry, {0644, 0755});
  }

  static Refusal refuse_link(const TreeEntry& entry) {
    std::array<char, k_max_tree_path + 1> target{};
    const auto size = check_errno(::readlinkat(entry.folder, entry.name, target.data(), target.size()),
                                  "cannot read the link " + name(entry));
    if (link_stays_inside(entry.path, {target.data(), static_cast<std::size_t>(size)})) return std::nullopt;
    return "a link leads out of the folder: " + name(entry);
  }

  dev_t m_device;
  std::uint64_t m_entries = 0;
  std::unordered_map<ino_t, nlink_t> m_unseen_names;  ///< of files with several
};

void sync_fd(int fd, const fs::path& path) {
  check_errno(::fsync(fd), "cannot sync " + shown(path.c_str()));
}

void sync_file(const TreeEntry& entry, const fs::path& path) {
  const UniqueFd fd(check_errno(::openat(entry.folder, entry.name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC),
                                "cannot open " + shown(path.c_str())));
  sync_fd(fd.get(), path);
  crash_point("tree.synced");
}

}  // namespace

std::optional<std::string> check_tree(int folder, const fs::path& path, const std::atomic<bool>& stop) {
  struct stat status{};
  check_errno(::fstat(folder, &status), "cannot look at " + path.string());
  TreeCheck check(status.st_dev);
  Refusal refusal;
  const auto look = [&](const TreeEntry& entry) {
    refusal = check.refuse(entry);
    return !refusal && !stop.load();
  };
  if (walk_tree(folder, path, {look, {}})) return check.refuse_outer_names();
  return refusal;
}

bool sync_tree(int folder, const fs::path& path, const std::atomic<bool>& stop) {
  const auto sync = [&](const TreeEntry& entry) {
    if (S_ISREG(entry.status.st_mode)) sync_file(entry, path / entry.path);
    return !stop.load();
  };
  const auto left = [&](int inner) {
    sync_fd(inner, path);
    crash_point("tree.folder_synced");
    return true;
  };
  return walk_tree(folder, path, {sync, left});
}

}  // namespace concd::publish
