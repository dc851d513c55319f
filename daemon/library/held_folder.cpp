#include "library/held_folder.hpp"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "util/beneath.hpp"
#include "util/file.hpp"

namespace concd::library {

int HeldFolder::fd() const {
  return m_fd.with([this](UniqueFd& held) {
    if (!held) held = open_file(m_path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    return held.get();
  });
}

UniqueFd HeldFolder::open(const std::string& name) const {
  // Not waiting, or a FIFO in a file's place would hold up the caller.
  return open_beneath(fd(), name, O_RDONLY | O_NONBLOCK, 0, (m_path / name).string());
}

std::optional<struct stat> HeldFolder::look(const std::string& name) const noexcept {
  struct stat status{};
  try {
    if (::fstatat(fd(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return status;
  } catch (const std::exception&) {
    // As if it were empty.
  }
  return std::nullopt;
}

int HeldFolder::unlink(const std::string& name) const noexcept {
  try {
    return ::unlinkat(fd(), name.c_str(), 0) == 0 ? 0 : errno;
  } catch (const std::system_error& error) {
    return error.code().value();
  }
}

}  // namespace concd::library
