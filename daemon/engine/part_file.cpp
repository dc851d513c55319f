#include "engine/part_file.hpp"

#include <algorithm>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/crash_point.hpp"
#include "util/errno_error.hpp"

namespace concd::engine {

PartFile::PartFile(job::SharedFd fd, std::uint32_t part, job::Extents synced)
    : m_fd(std::move(fd)), m_part(part), m_synced(std::move(synced)) {}

std::string PartFile::cannot(const char* verb) const {
  return std::string("cannot ") + verb + " partial file " + std::to_string(m_part);
}

std::uint64_t PartFile::size() const {
  struct stat status{};
  check_errno(::fstat(m_fd->get(), &status), cannot("look at"));
  return static_cast<std::uint64_t>(status.st_size);
}

DiskSpace PartFile::space() const {
  return disk_space(m_fd->get());
}

void PartFile::reserve(std::uint64_t offset, std::uint64_t size) {
  int result = 0;
  do
    result =
        ::fallocate(m_fd->get(), FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset), static_cast<off_t>(size));
  while (result != 0 && errno == EINTR);
  if (result == 0 || errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL) return;
  refuse_space(errno);
}

void PartFile::refuse_space(int error) {
  // What was reserved before the disk was full is of use to others until there is enough.
  shorten(size());
  throw errno_error(cannot("reserve space for"), error);
}

void PartFile::shorten(std::uint64_t size) {
  const std::lock_guard lock(m_syncing);
  m_synced.with([size](auto& extents) { extents = below(std::move(extents), size); });
  check_errno(::ftruncate(m_fd->get(), static_cast<off_t>(size)), cannot("shorten"));
  crash_point("part.shortened");
}

void PartFile::write(std::uint64_t offset, std::string_view data) {
  check_sync();
  while (!data.empty()) {
    const auto written = ::pwrite(m_fd->get(), data.data(), data.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw errno_error(cannot("write"));
    crash_point("part.written");
    offset += static_cast<std::uint64_t>(written);
    data.remove_prefix(static_cast<std::size_t>(written));
  }
}

void PartFile::check_sync() const {
  if (const int error = m_sync_error.load()) throw errno_error(cannot("sync"), error);
}

job::Extents PartFile::sync(job::Extents written) {
  const std::lock_guard lock(m_syncing);
  check_sync();
  if (::fsync(m_fd->get()) != 0) {
    m_sync_error.store(errno);
    throw errno_error(cannot("sync"), m_sync_error.load());
  }
  auto synced = below(std::move(written), size());
  m_synced.with([&synced](auto& extents) { extents = synced; });
  crash_point("part.synced");
  return synced;
}

void PartFile::hand_over() {
  const std::lock_guard lock(m_syncing);
  check_sync();
  m_sync_error.store(ECANCELED);
}

}  // namespace concd::engine
