// Bytes and lengths of files.

#include <algorithm>
#include <vector>

#include <fcntl.h>
#include <sys/uio.h>

#include "calls.hpp"

namespace chaos {
namespace {

constexpr off_t k_here = -1;  ///< where the descriptor stands

ssize_t raw_write(int fd, const iovec* pieces, int count, off_t offset) {
  if (offset == k_here) return ::syscall(SYS_writev, fd, pieces, static_cast<long>(count));
  return ::syscall(SYS_pwritev, fd, pieces, static_cast<long>(count), offset, 0L);
}

/// The first half of the bytes.
std::vector<iovec> half(const iovec* pieces, int count) {
  std::size_t left = 0;
  for (int i = 0; i < count; ++i) left += pieces[i].iov_len;
  left = (left + 1) / 2;
  std::vector<iovec> result;
  for (int i = 0; i < count && left > 0; ++i) {
    result.push_back({pieces[i].iov_base, std::min(left, pieces[i].iov_len)});
    left -= result.back().iov_len;
  }
  return result;
}

void append_written(Layer& layer, int fd, std::uint64_t inode, const iovec* pieces, int count, off_t offset,
                    ssize_t written) {
  const KeepErrno keep;
  Record record;
  record.kind = Kind::write;
  record.inode = inode;
  record.offset = offset == k_here ? ::lseek(fd, 0, SEEK_CUR) - written : offset;
  record.data = pieces;
  record.pieces = count;
  record.size = static_cast<std::size_t>(written);
  layer.log().append(record);
}

ssize_t write_at(int fd, const iovec* pieces, int count, off_t offset) {
  auto* const layer = Layer::get();
  struct stat status{};
  if (layer == nullptr || !layer->holds(fd, status)) return raw_write(fd, pieces, count, offset);
  const Lock lock(layer->log());
  const int error = layer->count(Call::write);
  if (error > 0) return fail(error);
  const auto shorter = error == k_short ? half(pieces, count) : std::vector<iovec>();
  const auto written = shorter.empty()
                           ? raw_write(fd, pieces, count, offset)
                           : raw_write(fd, shorter.data(), static_cast<int>(shorter.size()), offset);
  if (written > 0) append_written(*layer, fd, status.st_ino, pieces, count, offset, written);
  return written;
}

void append_size(Layer& layer, std::uint64_t inode, off_t size) {
  const KeepErrno keep;
  Record record;
  record.kind = Kind::truncate;
  record.inode = inode;
  record.offset = size;
  layer.log().append(record);
}

int truncate_fd(int fd, off_t size) {
  auto* const layer = Layer::get();
  struct stat status{};
  if (layer == nullptr || !layer->holds(fd, status))
    return static_cast<int>(::syscall(SYS_ftruncate, fd, size));
  const Lock lock(layer->log());
  if (const int error = error_of(*layer, Call::ftruncate)) return fail(error);
  const auto result = static_cast<int>(::syscall(SYS_ftruncate, fd, size));
  if (result == 0) append_size(*layer, status.st_ino, size);
  return result;
}

int truncate_path(const char* path, off_t size) {
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  const int result = truncate_fd(fd, size);
  const KeepErrno keep;
  ::close(fd);
  return result;
}

int allocate(int fd, int mode, off_t offset, off_t length) {
  const auto raw = [&] { return static_cast<int>(::syscall(SYS_fallocate, fd, mode, offset, length)); };
  auto* const layer = Layer::get();
  struct stat before{};
  if (layer == nullptr || !layer->holds(fd, before)) return raw();
  const Lock lock(layer->log());
  if (const int error = error_of(*layer, Call::fallocate)) return fail(error);
  const int result = raw();
  struct stat after{};
  if (result == 0 && ::fstat(fd, &after) == 0 && after.st_size != before.st_size)
    append_size(*layer, after.st_ino, after.st_size);
  return result;
}

}  // namespace
}  // namespace chaos

CHAOS_CALL ssize_t write(int fd, const void* data, size_t size) {
  const iovec piece{const_cast<void*>(data), size};
  return chaos::write_at(fd, &piece, 1, chaos::k_here);
}
CHAOS_CALL ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
  const iovec piece{const_cast<void*>(data), size};
  return chaos::write_at(fd, &piece, 1, offset);
}
CHAOS_CALL ssize_t pwrite64(int fd, const void* data, size_t size, off64_t offset) {
  return pwrite(fd, data, size, offset);
}
CHAOS_CALL ssize_t writev(int fd, const iovec* pieces, int count) {
  return chaos::write_at(fd, pieces, count, chaos::k_here);
}
CHAOS_CALL ssize_t pwritev(int fd, const iovec* pieces, int count, off_t offset) {
  return chaos::write_at(fd, pieces, count, offset);
}
CHAOS_CALL ssize_t pwritev64(int fd, const iovec* pieces, int count, off64_t offset) {
  return chaos::write_at(fd, pieces, count, offset);
}

CHAOS_CALL int ftruncate(int fd, off_t size) noexcept {
  return chaos::truncate_fd(fd, size);
}
CHAOS_CALL int ftruncate64(int fd, off64_t size) noexcept {
  return chaos::truncate_fd(fd, size);
}
CHAOS_CALL int truncate(const char* path, off_t size) noexcept {
  return chaos::truncate_path(path, size);
}
CHAOS_CALL int truncate64(const char* path, off64_t size) noexcept {
  return chaos::truncate_path(path, size);
}

CHAOS_CALL int fallocate(int fd, int mode, off_t offset, off_t length) {
  return chaos::allocate(fd, mode, offset, length);
}
CHAOS_CALL int fallocate64(int fd, int mode, off64_t offset, off64_t length) {
  return chaos::allocate(fd, mode, offset, length);
}
CHAOS_CALL int posix_fallocate(int fd, off_t offset, off_t length) {
  const chaos::KeepErrno keep;
  return chaos::allocate(fd, 0, offset, length) == 0 ? 0 : errno;
}
CHAOS_CALL int posix_fallocate64(int fd, off64_t offset, off64_t length) {
  return posix_fallocate(fd, offset, length);
}
