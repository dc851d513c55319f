#include "lifecycle/pid_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/errno_error.hpp"
#include "util/file.hpp"

namespace concd::lifecycle {
namespace {

std::string holder(const std::filesystem::path& path) {
  auto text = read_text(path);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.empty() ? "that is still starting" : "with pid " + text;
}

/// Root opens it in a folder of the user's, who may have put another file of root's into its place.
void check_own_file(int fd, const std::filesystem::path& path) {
  struct stat status{};
  check_errno(::fstat(fd, &status), path.string());
  if (!S_ISREG(status.st_mode) || status.st_nlink != 1)
    throw std::runtime_error(path.string() + " is not a regular file with one name; remove it");
}

}  // namespace

PidFile::PidFile(std::filesystem::path path, const std::optional<User>& owner)
    : m_path(std::move(path)), m_fd(open_file(m_path, O_RDWR | O_CREAT | O_NOFOLLOW, 0644)) {
  check_own_file(m_fd.get(), m_path);
  if (::flock(m_fd.get(), LOCK_EX | LOCK_NB) < 0) {
    if (errno != EWOULDBLOCK) throw errno_error("lock " + m_path.string());
    throw AlreadyRunning("another concd " + holder(m_path) + " already runs here (" + m_path.string() +
                         " is locked)");
  }
  if (owner) check_errno(::fchown(m_fd.get(), owner->uid, owner->gid), "chown " + m_path.string());
}

void PidFile::write() {
  const auto text = std::to_string(::getpid()) + "\n";
  check_errno(::ftruncate(m_fd.get(), 0), m_path.string());
  check_errno(::pwrite(m_fd.get(), text.data(), text.size(), 0), m_path.string());
}

void PidFile::clear() noexcept {
  // Nothing can be done about a failure at the very end, and nothing depends on it: the lock is what counts.
  if (::ftruncate(m_fd.get(), 0) < 0) return;
}

void PidFile::unlock() noexcept {
  ::flock(m_fd.get(), LOCK_UN);
}

}  // namespace concd::lifecycle
