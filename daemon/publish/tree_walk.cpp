#include "publish/tree_walk.hpp"

#include <cerrno>
#include <memory>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>

#include "util/errno_error.hpp"
#include "util/shown.hpp"
#include "util/unique_fd.hpp"

namespace concd::publish {
namespace {

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};
using OpenFolder = std::unique_ptr<DIR, CloseFolder>;

class Walk {
 public:
  Walk(const std::filesystem::path& path, const TreeVisitor& visitor) : m_root(path), m_visitor(visitor) {}

  /// Visits what is in the folder `name` of `parent`, which is `path` from the beginning.
  bool visit(int parent, const char* name, const std::string& path) {
    const auto folder = open(parent, name, path);
    const int fd = ::dirfd(folder.get());
    while (const auto* found = next(folder.get(), path))
      if (!visit_entry(fd, found->d_name, path)) return false;
    return !m_visitor.left || m_visitor.left(fd);
  }

 private:
  [[nodiscard]] std::string about(const char* operation, const std::string& path) const {
    return std::string("cannot ") + operation + " " + shown((m_root / path).c_str());
  }

  OpenFolder open(int parent, const char* name, const std::string& path) const {
    UniqueFd fd(check_errno(::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                            about("open", path)));
    OpenFolder folder(::fdopendir(fd.get()));
    if (!folder) throw errno_error(about("open", path));
    static_cast<void>(fd.release());
    return folder;
  }

  /// The next entry but "." and "..".
  const dirent* next(DIR* folder, const std::string& path) const {
    for (;;) {
      errno = 0;
      const auto* found = ::readdir(folder);
      if (found == nullptr && errno != 0) throw errno_error(about("read", path));
      if (found == nullptr) return nullptr;
      const std::string_view name = found->d_name;
      if (name != "." && name != "..") return found;
    }
  }

  bool visit_entry(int folder, const char* name, const std::string& parent) {
    const auto path = parent.empty() ? std::string(name) : parent + "/" + name;
    struct stat status{};
    check_errno(::fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW), about("look at", path));
    if (!m_visitor.entry({folder, name, path, status})) return false;
    return !S_ISDIR(status.st_mode) || visit(folder, name, path);
  }

  const std::filesystem::path& m_root;
  const TreeVisitor& m_visitor;
};

}  // namespace

bool walk_tree(int folder, const std::filesystem::path& path, const TreeVisitor& visitor) {
  // A descriptor of its own: the caller's has one offset for all who read it.
  return Walk(path, visitor).visit(folder, ".", "");
}

}  // namespace concd::publish
