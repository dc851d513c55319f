#include "store/held_file.hpp"

#include <sys/stat.h>

#include "util/errno_error.hpp"

namespace concd::store {
namespace {

/// Device 0, inode 0 where there is no file. No other file gets the numbers of one that is open.
std::pair<dev_t, ino_t> identity_of(const std::filesystem::path& path) noexcept {
  struct stat status{};
  if (::stat(path.c_str(), &status) < 0) return {};
  return {status.st_dev, status.st_ino};
}

}  // namespace

HeldFile::HeldFile(std::filesystem::path path) : m_path(std::move(path)), m_identity(identity_of(m_path)) {
  if (m_identity == std::pair<dev_t, ino_t>()) throw errno_error(m_path.string());
}

bool HeldFile::is_in_place() const noexcept {
  return identity_of(m_path) == m_identity;
}

}  // namespace concd::store
