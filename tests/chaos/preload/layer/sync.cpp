// What makes things last, and the attributes that last with them.

#include <fcntl.h>
#include <sys/stat.h>

#include "calls.hpp"

namespace chaos {
namespace {

long raw_sync(Call call, int fd) {
  if (call == Call::syncfs) return ::syscall(SYS_syncfs, fd);
  return ::syscall(call == Call::fsync ? SYS_fsync : SYS_fdatasync, fd);
}

Sync what_of(Call call) {
  if (call == Call::syncfs) return Sync::file_system;
  return call == Call::fsync ? Sync::all : Sync::data;
}

/// The sync itself happens outside the lock, because it takes long: what others do meanwhile lies between its
/// two entries, and is made durable by it or not.
int sync_fd(Call call, int fd) {
  auto* const layer = Layer::get();
  struct stat status{};
  if (layer == nullptr || !layer->holds(fd, status)) return static_cast<int>(raw_sync(call, fd));
  Record record;
  record.inode = status.st_ino;
  record.flags = static_cast<std::uint32_t>(what_of(call));
  int error = 0;
  {
    const Lock lock(layer->log());
    error = error_of(*layer, call);
    record.kind = Kind::sync_begin;
    record.offset = layer->next_sync();
    layer->log().append(record);
  }
  if (error == 0 && raw_sync(call, fd) != 0) error = errno;
  const Lock lock(layer->log());
  record.kind = Kind::sync_end;
  record.error = error;
  layer->log().append(record);
  return error == 0 ? 0 : fail(error);
}

void append_mode(Layer& layer, const struct stat& status, mode_t mode) {
  const KeepErrno keep;
  Record record;
  record.kind = Kind::mode;
  record.inode = status.st_ino;
  record.flags = mode & 07777;
  layer.log().append(record);
}

int change_mode(int folder, const char* path, mode_t mode) {
  const auto raw = [&] { return static_cast<int>(::syscall(SYS_fchmodat, folder, path, mode)); };
  auto* const layer = Layer::get();
  const Place place(folder, path);
  if (layer == nullptr || !place.inside()) return raw();
  const Lock lock(layer->log());
  if (const int error = error_of(*layer, Call::fchmod, path)) return fail(error);
  const int result = raw();
  struct stat status{};
  if (result == 0 && place.status(status)) append_mode(*layer, status, mode);
  return result;
}

}  // namespace
}  // namespace chaos

CHAOS_CALL int fsync(int fd) {
  return chaos::sync_fd(chaos::Call::fsync, fd);
}
CHAOS_CALL int fdatasync(int fd) {
  return chaos::sync_fd(chaos::Call::fdatasync, fd);
}
CHAOS_CALL int syncfs(int fd) noexcept {
  return chaos::sync_fd(chaos::Call::syncfs, fd);
}

CHAOS_CALL int fchmod(int fd, mode_t mode) noexcept {
  using namespace chaos;
  auto* const layer = Layer::get();
  struct stat status{};
  if (layer == nullptr || !layer->holds(fd, status)) return static_cast<int>(::syscall(SYS_fchmod, fd, mode));
  const Lock lock(layer->log());
  if (const int error = error_of(*layer, Call::fchmod)) return fail(error);
  const auto result = static_cast<int>(::syscall(SYS_fchmod, fd, mode));
  if (result == 0) append_mode(*layer, status, mode);
  return result;
}
CHAOS_CALL int chmod(const char* path, mode_t mode) noexcept {
  return chaos::change_mode(AT_FDCWD, path, mode);
}
CHAOS_CALL int fchmodat(int folder, const char* path, mode_t mode, int) noexcept {
  return chaos::change_mode(folder, path, mode);
}

// Times are not replayed: nothing but a person's eye depends on them.
CHAOS_CALL int futimens(int fd, const timespec times[2]) noexcept {
  using namespace chaos;
  auto* const layer = Layer::get();
  struct stat status{};
  if (layer != nullptr && layer->holds(fd, status)) {
    const Lock lock(layer->log());
    if (const int error = error_of(*layer, Call::futimens)) return fail(error);
  }
  return static_cast<int>(::syscall(SYS_utimensat, fd, nullptr, times, 0));
}
