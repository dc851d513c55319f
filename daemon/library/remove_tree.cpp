#include "library/remove_tree.hpp"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "util/dir_stream.hpp"
#include "util/errno_error.hpp"
#include "util/shown.hpp"

namespace concd::library {
namespace {

std::string about(const std::string& name) {
  return "cannot remove " + shown(name.c_str());
}

bool is_gone(int folder, const std::string& name) {
  if (::unlinkat(folder, name.c_str(), 0) == 0 || errno == ENOENT) return true;
  if (errno == EISDIR) return false;
  throw errno_error(about(name));
}

bool empty(int parent, const std::string& name, const std::atomic<bool>& stop) {
  const auto folder = open_dir(parent, name.c_str(), about(name));
  while (const auto* const found = next_entry(folder.get(), about(name)))
    if (!remove_tree(::dirfd(folder.get()), found->d_name, stop)) return false;
  return true;
}

}  // namespace

bool remove_tree(int folder, const std::string& name, const std::atomic<bool>& stop) {
  if (stop.load()) return false;
  if (is_gone(folder, name)) return true;
  if (!empty(folder, name, stop)) return false;
  check_errno(::unlinkat(folder, name.c_str(), AT_REMOVEDIR), about(name));
  return true;
}

}  // namespace concd::library
