#include "client/delivery/new_file.hpp"

#include <cerrno>
#include <cstdio>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/errno_error.hpp"
#include "util/file.hpp"

namespace concd::client {
namespace {

constexpr unsigned k_mode = 0666;  // less the caller's umask

/// The way to give a nameless file a name without privilege, open(2).
std::string descriptor_path(int fd) {
  return fmt::format("/proc/self/fd/{}", fd);
}

/// Nothing where the file system has no nameless files, or /proc, which naming them takes, is not there.
UniqueFd open_nameless(const std::filesystem::path& folder) {
  UniqueFd fd(::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, k_mode));
  if (fd && ::access(descriptor_path(fd.get()).c_str(), F_OK) != 0) fd.reset();
  return fd;
}

UniqueFd open_hidden(const std::filesystem::path& hidden) {
  UniqueFd fd(::open(hidden.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status{};
  const bool is_own =
      fd && ::fstat(fd.get(), &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == ::geteuid();
  return is_own ? std::move(fd) : UniqueFd();
}

}  // namespace

/// They are there by now: a folder that may not be read, or cannot be synced, does not take them back.
void sync_names(const std::filesystem::path& folder) {
  try {
    sync_folder(folder);
  } catch (const std::system_error& error) {
    const auto& code = error.code();
    if (code != std::errc::permission_denied && code != std::errc::invalid_argument) throw;
  }
}

std::string random_hex(std::size_t bytes) {
  std::vector<unsigned char> random(bytes);
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    throw errno_error("getrandom");
  return fmt::format("{:02x}", fmt::join(random, ""));
}

std::filesystem::path numbered(const std::filesystem::path& path, unsigned number) {
  return number == 0 ? path : std::filesystem::path(fmt::format("{}.{}", path.native(), number));
}

NewFile::NewFile(std::filesystem::path folder, Kind kind) : m_folder(std::move(folder)) {
  if (kind == Kind::nameless) m_fd = open_nameless(m_folder);
  if (m_fd) return;
  m_hidden = m_folder / (".concctl." + random_hex(8));
  m_fd.reset(::open(m_hidden.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, k_mode));
  if (!m_fd) throw errno_error(m_folder.string());
}

NewFile::NewFile(NewFile&& other) noexcept
    : m_folder(std::move(other.m_folder)),
      m_hidden(std::exchange(other.m_hidden, {})),
      m_fd(std::move(other.m_fd)) {}

NewFile& NewFile::operator=(NewFile&& other) noexcept {
  std::swap(m_folder, other.m_folder);
  std::swap(m_hidden, other.m_hidden);
  std::swap(m_fd, other.m_fd);
  return *this;
}

std::optional<NewFile> NewFile::find(const std::filesystem::path& hidden) {
  NewFile file;
  file.m_fd = open_hidden(hidden);
  if (!file.m_fd) return std::nullopt;
  file.m_folder = hidden.parent_path();
  file.m_hidden = hidden;
  return file;
}

UniqueFd NewFile::open_again() const {
  return m_hidden.empty() ? UniqueFd() : open_hidden(m_hidden);
}

NewFile::~NewFile() {
  if (!m_hidden.empty()) ::unlink(m_hidden.c_str());
}

std::filesystem::path NewFile::publish(const std::string& name, bool replace) {
  auto path = give_name(name, replace);
  sync_names(m_folder);
  return path;
}

std::filesystem::path NewFile::give_name(const std::string& name, bool replace) {
  const auto wanted = m_folder / name;
  auto path = wanted;
  if (replace) {
    take_place_of(path);
  } else {
    for (unsigned number = 1; !name_if_free(path); ++number) path = numbered(wanted, number);
  }
  return path;
}

/// False when the name is taken.
bool NewFile::name_if_free(const std::filesystem::path& path) {
  try {
    if (m_hidden.empty()) {
      link_to(path);
    } else {
      if (::renameat2(AT_FDCWD, m_hidden.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) != 0) {
        if (errno != EINVAL && errno != ENOSYS) throw errno_error(path.string());
        check_errno(::link(m_hidden.c_str(), path.c_str()), path.string());
        check_errno(::unlink(m_hidden.c_str()), m_hidden.string());
      }
      m_hidden.clear();
    }
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::file_exists) return false;
    throw;
  }
  return true;
}

void NewFile::take_place_of(const std::filesystem::path& path) {
  if (m_hidden.empty()) {
    const auto hidden = m_folder / (".concctl." + random_hex(8));
    link_to(hidden);
    m_hidden = hidden;
  }
  check_errno(::rename(m_hidden.c_str(), path.c_str()), path.string());
  m_hidden.clear();
}

void NewFile::link_to(const std::filesystem::path& path) {
  check_errno(
      ::linkat(AT_FDCWD, descriptor_path(m_fd.get()).c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW),
      path.string());
}

}  // namespace concd::client
