// Files that are opened: what makes or empties them.

#include <cstdarg>

#include <fcntl.h>

#include "calls.hpp"

namespace chaos {
namespace {

int raw_open(int folder, const char* path, int flags, mode_t mode) {
  return static_cast<int>(::syscall(SYS_openat, folder, path, flags, mode));
}

/// Calls whose effects the log has no words for.
void append_if_unknown(Layer& layer, int flags, const std::string& name) {
  if ((flags & O_TMPFILE) != O_TMPFILE && (flags & O_DSYNC) == 0) return;
  Record record;
  record.kind = Kind::unknown;
  record.name = name;
  layer.log().append(record);
}

void append_opened(Layer& layer, const Place& place, int fd, int flags, bool existed) {
  const KeepErrno keep;
  append_if_unknown(layer, flags, place.name());
  struct stat status{};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return;
  Record record;
  record.inode = status.st_ino;
  record.folder = place.folder();
  record.name = place.name();
  record.flags = status.st_mode & 07777;
  if (!existed) {
    record.kind = Kind::create;
    layer.log().append(record);
  } else if ((flags & O_TRUNC) != 0) {
    record.kind = Kind::truncate;
    layer.log().append(record);
  }
}

int open_at(int folder, const char* path, int flags, mode_t mode) {
  auto* const layer = Layer::get();
  if (layer == nullptr) return raw_open(folder, path, flags, mode);
  const Place place(folder, path);
  if (!place.inside()) return raw_open(folder, path, flags, mode);
  const Lock lock(layer->log());
  if (const int error = error_of(*layer, Call::open, path)) return fail(error);
  struct stat status{};
  const bool existed = place.status(status);
  const int fd = raw_open(folder, path, flags, mode);
  if (fd >= 0) append_opened(*layer, place, fd, flags, existed);
  return fd;
}

mode_t mode_of(int flags, va_list arguments) {
  return (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

}  // namespace
}  // namespace chaos

#define CHAOS_OPEN(NAME)                                  \
  CHAOS_CALL int NAME(const char* path, int flags, ...) { \
    va_list arguments;                                    \
    va_start(arguments, flags);                           \
    const mode_t mode = chaos::mode_of(flags, arguments); \
    va_end(arguments);                                    \
    return chaos::open_at(AT_FDCWD, path, flags, mode);   \
  }                                                       \
  static_assert(true)
#define CHAOS_OPENAT(NAME)                                            \
  CHAOS_CALL int NAME(int folder, const char* path, int flags, ...) { \
    va_list arguments;                                                \
    va_start(arguments, flags);                                       \
    const mode_t mode = chaos::mode_of(flags, arguments);             \
    va_end(arguments);                                                \
    return chaos::open_at(folder, path, flags, mode);                 \
  }                                                                   \
  static_assert(true)

CHAOS_OPEN(open);
CHAOS_OPEN(open64);
CHAOS_OPENAT(openat);
CHAOS_OPENAT(openat64);

// What <fcntl.h> makes of the above with _FORTIFY_SOURCE.
CHAOS_CALL int __open_2(const char* path, int flags) {
  return chaos::open_at(AT_FDCWD, path, flags, 0);
}
CHAOS_CALL int __open64_2(const char* path, int flags) {
  return chaos::open_at(AT_FDCWD, path, flags, 0);
}
CHAOS_CALL int __openat_2(int folder, const char* path, int flags) {
  return chaos::open_at(folder, path, flags, 0);
}
CHAOS_CALL int __openat64_2(int folder, const char* path, int flags) {
  return chaos::open_at(folder, path, flags, 0);
}

CHAOS_CALL int creat(const char* path, mode_t mode) {
  return chaos::open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
CHAOS_CALL int creat64(const char* path, mode_t mode) {
  return chaos::open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
