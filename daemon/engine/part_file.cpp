#include "engine/part_file.hpp"

#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/digest.hpp"
#include "util/crash_point.hpp"
#include "util/errno_error.hpp"
#include "util/file.hpp"

namespace concd::engine {
namespace {

constexpr std::size_t k_read_size = 1 << 20;
constexpr std::int64_t k_microseconds = 1'000'000;

std::string about(const char* verb, const std::filesystem::path& path) {
  return std::string("cannot ") + verb + " " + path.string();
}

}  // namespace

std::filesystem::path part_path(const std::filesystem::path& base, const job::Checkpoint& checkpoint) {
  constexpr std::size_t k_mark_digits = 16;
  DigestStream stream("sha256");
  // What separates them is in none of them.
  stream.update(checkpoint.url + '\n' + checkpoint.validators.etag + '\n' +
                checkpoint.validators.last_modified);
  const auto mark = stream.finish().substr(0, k_mark_digits);
  return base.parent_path() / (base.stem().string() + '.' + mark + base.extension().string());
}

std::uint64_t PartFile::size_of(const std::filesystem::path& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return 0;
  return static_cast<std::uint64_t>(status.st_size);
}

PartFile PartFile::create(const std::filesystem::path& path) {
  // A new inode each time: bytes of one version never end up in a file that holds another's.
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    if (errno != EISDIR) throw errno_error(about("replace", path));
    // A published folder that a file had just taken the place of when the daemon died.
    std::filesystem::remove_all(path);
  }
  crash_point("part.cleared");
  auto fd = open_file(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
  crash_point("part.created");
  return {path, std::move(fd), false};
}

PartFile PartFile::reopen(const std::filesystem::path& path, std::uint64_t size) {
  auto fd = open_file(path, O_RDWR | O_NOFOLLOW);
  check_errno(::ftruncate(fd.get(), static_cast<off_t>(size)), about("shorten", path));
  crash_point("part.shortened");
  return {path, std::move(fd), true};
}

PartFile::PartFile(std::filesystem::path path, UniqueFd fd, bool named)
    : m_path(std::move(path)), m_fd(std::move(fd)), m_named(named) {}

PartFile::PartFile(PartFile&& other) noexcept
    : m_path(std::move(other.m_path)),
      m_fd(std::move(other.m_fd)),
      m_named(other.m_named.load()),
      m_sync_error(other.m_sync_error.load()) {}

void PartFile::reserve(std::uint64_t size) {
  int result = 0;
  do result = ::fallocate(m_fd.get(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(size));
  while (result != 0 && errno == EINTR);
  if (result == 0 || errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL) return;
  const int error = errno;
  // What was reserved before the room ran out is of use to others until there is enough.
  struct stat status{};
  check_errno(::fstat(m_fd.get(), &status), about("look at", m_path));
  shorten(static_cast<std::uint64_t>(status.st_size));
  throw errno_error("cannot make room for " + m_path.string(), error);
}

void PartFile::shorten(std::uint64_t size) {
  check_errno(::ftruncate(m_fd.get(), static_cast<off_t>(size)), about("shorten", m_path));
}

void PartFile::write(std::uint64_t offset, std::string_view data) {
  if (const int error = m_sync_error.load()) throw errno_error(about("sync", m_path), error);
  while (!data.empty()) {
    const auto written = ::pwrite(m_fd.get(), data.data(), data.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    check_errno(written, about("write", m_path));
    crash_point("part.written");
    offset += static_cast<std::uint64_t>(written);
    data.remove_prefix(static_cast<std::size_t>(written));
  }
}

void PartFile::sync_bytes() {
  if (const int error = m_sync_error.load()) throw errno_error(about("sync", m_path), error);
  sync(m_fd.get(), m_path);
  crash_point("part.synced");
}

void PartFile::sync() {
  sync_bytes();
  if (m_named.load()) return;
  const auto folder = m_path.parent_path();
  sync(open_file(folder, O_RDONLY | O_DIRECTORY).get(), folder);
  m_named.store(true);
  crash_point("part.named");
}

void PartFile::sync(int fd, const std::filesystem::path& path) {
  if (::fsync(fd) == 0) return;
  const int error = errno;
  m_sync_error.store(error);
  throw errno_error(about("sync", path), error);
}

void PartFile::set_attributes(unsigned mode, std::int64_t mtime) {
  check_errno(::fchmod(m_fd.get(), mode), about("set the mode of", m_path));
  crash_point("part.mode_set");
  if (mtime <= 0) return;
  const timespec times[2] = {{0, UTIME_OMIT}, {mtime / k_microseconds, mtime % k_microseconds * 1000}};
  check_errno(::futimens(m_fd.get(), times), about("set the time of", m_path));
  crash_point("part.time_set");
}

std::optional<std::string> PartFile::digest(const std::string& algorithm, std::uint64_t size,
                                            const std::atomic<bool>& stop) const {
  DigestStream stream(algorithm);
  std::vector<char> buffer(k_read_size);
  for (std::uint64_t offset = 0; offset < size;) {
    if (stop.load()) return std::nullopt;
    const auto want = std::min<std::uint64_t>(size - offset, buffer.size());
    const auto count = ::pread(m_fd.get(), buffer.data(), want, static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (check_errno(count, about("read", m_path)) == 0) throw errno_error(about("read", m_path), EIO);
    stream.update({buffer.data(), static_cast<std::size_t>(count)});
    offset += static_cast<std::uint64_t>(count);
  }
  return stream.finish();
}

void PartFile::remove() noexcept {
  ::unlink(m_path.c_str());
  crash_point("part.removed");
}

}  // namespace concd::engine
