// Names in folders: what appears, moves and goes.

#include <cstdio>
#include <cstring>

#include <fcntl.h>

#include "calls.hpp"

namespace chaos {
namespace {

void append_unknown(Layer& layer, std::string_view what) {
  const KeepErrno keep;
  Record record;
  record.kind = Kind::unknown;
  record.name = what;
  layer.log().append(record);
}

Record record_at(Kind kind, const Place& place) {
  Record record;
  record.kind = kind;
  record.folder = place.folder();
  record.name = place.name();
  return record;
}

int move(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  const auto raw = [&] {
    return static_cast<int>(::syscall(SYS_renameat2, from_folder, from, to_folder, to, flags));
  };
  auto* const layer = Layer::get();
  const Place source(from_folder, from);
  const Place target(to_folder, to);
  if (layer == nullptr || !(source.inside() || target.inside())) return raw();
  const Lock lock(layer->log());
  if (const int error = error_of(*layer, Call::rename, to)) return fail(error);
  const int result = raw();
  if (result != 0) return result;
  if (source.inside() != target.inside()) append_unknown(*layer, "rename across the border");
  auto record = record_at(Kind::rename, source);
  record.other_folder = target.folder();
  record.other_name = target.name();
  record.flags = flags;
  layer->log().append(record);
  return 0;
}

int remove_at(int folder, const char* path, int flags) {
  const auto raw = [&] { return static_cast<int>(::syscall(SYS_unlinkat, folder, path, flags)); };
  auto* const layer = Layer::get();
  const Place place(folder, path);
  if (layer == nullptr || !place.inside()) return raw();
  const Lock lock(layer->log());
  struct stat status{};
  // What is not there cannot fail in a way of its own.
  if (place.status(status))
    if (const int error = error_of(*layer, Call::unlink, path)) return fail(error);
  const int result = raw();
  if (result == 0) layer->log().append(record_at(Kind::unlink, place));
  return result;
}

/// Runs `raw`, which makes a name at `place`; on success it is written down as a `kind`.
template <typename Raw>
int make(Call call, Kind kind, const Place& place, std::string_view data, Raw raw) {
  auto* const layer = Layer::get();
  if (layer == nullptr || !place.inside()) return raw();
  const Lock lock(layer->log());
  if (const int error = error_of(*layer, call, place.name())) return fail(error);
  const int result = raw();
  struct stat status{};
  if (result != 0 || !place.status(status)) return result;
  auto record = record_at(kind, place);
  record.inode = status.st_ino;
  record.flags = status.st_mode & 07777;
  const iovec piece{const_cast<char*>(data.data()), data.size()};
  record.data = &piece;
  record.pieces = 1;
  record.size = data.size();
  layer->log().append(record);
  return result;
}

int make_folder(int folder, const char* path, mode_t mode) {
  return make(Call::mkdir, Kind::make_folder, Place(folder, path), {},
              [&] { return static_cast<int>(::syscall(SYS_mkdirat, folder, path, mode)); });
}

int make_link(int from_folder, const char* from, int to_folder, const char* to, int flags) {
  return make(Call::link, Kind::link, Place(to_folder, to), {}, [&] {
    return static_cast<int>(::syscall(SYS_linkat, from_folder, from, to_folder, to, flags));
  });
}

int make_symlink(const char* target, int folder, const char* path) {
  return make(Call::symlink, Kind::symlink, Place(folder, path), target,
              [&] { return static_cast<int>(::syscall(SYS_symlinkat, target, folder, path)); });
}

}  // namespace
}  // namespace chaos

CHAOS_CALL int rename(const char* from, const char* to) noexcept {
  return chaos::move(AT_FDCWD, from, AT_FDCWD, to, 0);
}
CHAOS_CALL int renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept {
  return chaos::move(from_folder, from, to_folder, to, 0);
}
CHAOS_CALL int renameat2(int from_folder, const char* from, int to_folder, const char* to,
                         unsigned flags) noexcept {
  return chaos::move(from_folder, from, to_folder, to, flags);
}

CHAOS_CALL int unlink(const char* path) noexcept {
  return chaos::remove_at(AT_FDCWD, path, 0);
}
CHAOS_CALL int unlinkat(int folder, const char* path, int flags) noexcept {
  return chaos::remove_at(folder, path, flags);
}
CHAOS_CALL int rmdir(const char* path) noexcept {
  return chaos::remove_at(AT_FDCWD, path, AT_REMOVEDIR);
}
CHAOS_CALL int remove(const char* path) noexcept {
  struct stat status{};
  const bool folder = ::lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
  return chaos::remove_at(AT_FDCWD, path, folder ? AT_REMOVEDIR : 0);
}

CHAOS_CALL int mkdir(const char* path, mode_t mode) noexcept {
  return chaos::make_folder(AT_FDCWD, path, mode);
}
CHAOS_CALL int mkdirat(int folder, const char* path, mode_t mode) noexcept {
  return chaos::make_folder(folder, path, mode);
}
CHAOS_CALL int link(const char* from, const char* to) noexcept {
  return chaos::make_link(AT_FDCWD, from, AT_FDCWD, to, 0);
}
CHAOS_CALL int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) noexcept {
  return chaos::make_link(from_folder, from, to_folder, to, flags);
}
CHAOS_CALL int symlink(const char* target, const char* path) noexcept {
  return chaos::make_symlink(target, AT_FDCWD, path);
}
CHAOS_CALL int symlinkat(const char* target, int folder, const char* path) noexcept {
  return chaos::make_symlink(target, folder, path);
}
