#include "library/remove_tree.hpp"

#include <cerrno>
#include <cstdio>
#include <vector>

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/dir_stream.hpp"
#include "util/errno_error.hpp"
#include "util/file.hpp"
#include "util/shown.hpp"
#include "util/unique_fd.hpp"

namespace concd::library {
namespace {

/// Levels that are gone down, each with an open descriptor; what lies deeper is brought up first.
constexpr int k_levels = 32;

std::string about(const std::string& name) {
  return "cannot remove " + shown(name.c_str());
}

/// Who made the folder need not have let its owner in. Not by its name, which may be a link's by now.
void let_in(int parent, const std::string& name) {
  if (::faccessat(parent, name.c_str(), R_OK | W_OK | X_OK, AT_EACCESS) == 0) return;
  const UniqueFd folder(::openat(parent, name.c_str(), O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC));
  if (folder) (void)::chmod(fmt::format("/proc/self/fd/{}", folder.get()).c_str(), 0700);
}

class Removal {
 public:
  Removal(int top, const std::atomic<bool>& stop) : m_top(top), m_stop(stop) {}

  bool remove(const std::string& name) {
    m_waiting = {name};
    while (!m_waiting.empty()) {
      const auto next = m_waiting.back();
      m_waiting.pop_back();
      if (!remove(m_top, next, 0)) return false;
    }
    return true;
  }

 private:
  /// False when stopped.
  bool remove(int parent, const std::string& name, int level) {
    if (m_stop.load()) return false;
    if (::unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) return true;
    if (errno != EISDIR) throw errno_error(about(name));
    if (level == k_levels) {
      bring_up(parent, name);
      return true;
    }
    if (!empty(parent, name, level)) return false;
    check_errno(::unlinkat(parent, name.c_str(), AT_REMOVEDIR), about(name));
    return true;
  }

  bool empty(int parent, const std::string& name, int level) {
    let_in(parent, name);
    const auto folder = open_dir(parent, name.c_str(), about(name));
    while (const auto* const found = next_entry(folder.get(), about(name)))
      if (!remove(::dirfd(folder.get()), found->d_name, level + 1)) return false;
    return true;
  }

  void bring_up(int parent, const std::string& name) {
    let_in(parent, name);
    std::string up;
    do {
      up = fmt::format("deep.{}", ++m_number);
      if (::renameat2(parent, name.c_str(), m_top, up.c_str(), RENAME_NOREPLACE) == 0)
        return m_waiting.push_back(up);
    } while (errno == EEXIST);
    throw errno_error(about(name));
  }

  int m_top;
  const std::atomic<bool>& m_stop;
  std::vector<std::string> m_waiting;  ///< below m_top
  unsigned m_number = 0;
};

}  // namespace

bool remove_tree(int folder, const std::string& name, const std::atomic<bool>& stop) {
  return Removal(folder, stop).remove(name);
}

void remove_tree(const std::filesystem::path& path) {
  const std::atomic<bool> never{false};
  const auto folder = open_file(path.parent_path(), O_RDONLY | O_DIRECTORY);
  (void)remove_tree(folder.get(), path.filename(), never);
}

}  // namespace concd::library
