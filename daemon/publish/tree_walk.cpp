#include "publish/tree_walk.hpp"

#include <fcntl.h>

#include "util/dir_stream.hpp"
#include "util/errno_error.hpp"
#include "util/shown.hpp"

namespace concd::publish {
namespace {

class Walk {
 public:
  Walk(const std::filesystem::path& path, const TreeVisitor& visitor) : m_root(path), m_visitor(visitor) {}

  /// Visits what is in the folder `name` of `parent`, which is `path` from the beginning.
  bool visit(int parent, const char* name, const std::string& path) {
    const auto folder = open_dir(parent, name, about("open", path));
    const int fd = ::dirfd(folder.get());
    while (const auto* found = next_entry(folder.get(), about("read", path)))
      if (!visit_entry(fd, found->d_name, path)) return false;
    return !m_visitor.left || m_visitor.left(fd);
  }

 private:
  [[nodiscard]] std::string about(const char* operation, const std::string& path) const {
    return std::string("cannot ") + operation + " " + shown((m_root / path).c_str());
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
