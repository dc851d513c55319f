#include "util/beneath.hpp"

#include <string_view>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/errno_error.hpp"

namespace concd {
namespace {

int open_at_once(int folder, const char* path, int flags, unsigned mode) {
  open_how how{};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
  how.mode = (flags & O_CREAT) != 0 ? mode : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  long fd = -1;
  do fd = ::syscall(SYS_openat2, folder, path, &how, sizeof how);
  while (fd < 0 && errno == EINTR);
  return static_cast<int>(fd);
}

int open_name(int folder, const std::string& name, int flags, unsigned mode) {
  int fd = -1;
  do fd = ::openat(folder, name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, mode);
  while (fd < 0 && errno == EINTR);
  return fd;
}

bool leads_out(std::string_view name) {
  return name.empty() || name == "..";
}

}  // namespace

UniqueFd open_step_by_step(int folder, const std::string& path, int flags, unsigned mode,
                           const std::string& context) {
  UniqueFd held;
  for (std::size_t start = 0;;) {
    const auto slash = path.find('/', start);
    const auto name = path.substr(start, slash - start);
    if (leads_out(name)) throw errno_error(context, EXDEV);
    const int above = held ? held.get() : folder;
    if (slash == std::string::npos)
      return UniqueFd(check_errno(open_name(above, name, flags, mode), context));
    held.reset(check_errno(open_name(above, name, O_PATH | O_DIRECTORY, 0), context));
    start = slash + 1;
  }
}

UniqueFd open_beneath(int folder, const std::string& path, int flags, unsigned mode,
                      const std::string& context) {
  UniqueFd fd(open_at_once(folder, path.c_str(), flags, mode));
  if (fd) return fd;
  if (errno == ENOSYS || errno == EPERM) return open_step_by_step(folder, path, flags, mode, context);
  throw errno_error(context);
}

}  // namespace concd
