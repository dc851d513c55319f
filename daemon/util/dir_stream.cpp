#include "util/dir_stream.hpp"

#include <cerrno>
#include <string_view>

#include <fcntl.h>

#include "util/errno_error.hpp"
#include "util/unique_fd.hpp"

namespace concd {

DirStream open_dir(int parent, const char* name, const std::string& context) {
  UniqueFd fd(check_errno(::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), context));
  DirStream folder(::fdopendir(fd.get()));
  if (!folder) throw errno_error(context);
  static_cast<void>(fd.release());
  return folder;
}

const dirent* next_entry(DIR* folder, const std::string& context) {
  for (;;) {
    errno = 0;
    const auto* const found = ::readdir(folder);
    if (found == nullptr && errno != 0) throw errno_error(context);
    if (found == nullptr) return nullptr;
    const std::string_view name = found->d_name;
    if (name != "." && name != "..") return found;
  }
}

}  // namespace concd
